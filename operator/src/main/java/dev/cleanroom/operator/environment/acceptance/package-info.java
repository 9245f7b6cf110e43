/** Whether an environment may have pods: namespace, class, limits, images. Pure. */
@NullMarked
package dev.cleanroom.operator.environment.acceptance;

import org.jspecify.annotations.NullMarked;
