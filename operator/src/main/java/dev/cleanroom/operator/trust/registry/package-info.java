/** A client of the OCI distribution API: everything it reads is hostile until a digest says otherwise. */
@NullMarked
package dev.cleanroom.operator.trust.registry;

import org.jspecify.annotations.NullMarked;
