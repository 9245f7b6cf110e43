/** Whether an environment may have pods: namespace, class, limits, images. Everything in it is pure. */
@NullMarked
package dev.cleanroom.operator.environment.acceptance;

import org.jspecify.annotations.NullMarked;
