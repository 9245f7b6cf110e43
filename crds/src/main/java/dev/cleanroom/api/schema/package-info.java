/** What the schema generator cannot read from a type: kinds of text, and lists that have a key. */
@NullMarked
package dev.cleanroom.api.schema;

import org.jspecify.annotations.NullMarked;
