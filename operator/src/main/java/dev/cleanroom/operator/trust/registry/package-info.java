/** A client of the OCI distribution API. Everything that it reads is hostile until its digest is checked. */
@NullMarked
package dev.cleanroom.operator.trust.registry;

import org.jspecify.annotations.NullMarked;
