/** The only package that builds a client; how this process reads and writes the API server. */
@NullMarked
package dev.cleanroom.operator.kube;

import org.jspecify.annotations.NullMarked;
