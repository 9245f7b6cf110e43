package dev.cleanroom.api.schema;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The list is a map by these fields of its items, or a set if no field is given. Server-side apply then merges it
 * item by item, and the API server refuses duplicates.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
public @interface ListKeys {
    String[] value() default {};
}
