package dev.cleanroom.operator.sample;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A test class that takes a {@link Sample}. {@code make prove} runs the classes that have this annotation. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.SOURCE)
public @interface Sampled {}
