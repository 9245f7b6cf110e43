/** How this process reads from and writes to the API server. Only this package builds a client. */
@NullMarked
package dev.cleanroom.operator.kube;

import org.jspecify.annotations.NullMarked;
