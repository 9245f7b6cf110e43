/** What the schema generator cannot read from a type: kinds of text, and the keys of lists. */
@NullMarked
package dev.cleanroom.api.schema;

import org.jspecify.annotations.NullMarked;
