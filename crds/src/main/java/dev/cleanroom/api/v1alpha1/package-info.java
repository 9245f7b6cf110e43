/** The API group {@code cleanroom.dev/v1alpha1}: what the custom resource definitions are generated from. */
@NullMarked
package dev.cleanroom.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
