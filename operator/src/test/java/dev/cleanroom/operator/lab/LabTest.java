package dev.cleanroom.operator.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test against a real API server: its methods may take a {@link Lab}.
 *
 * <p>One lab is started for the whole test JVM. Where {@value LabCluster#OWN_CLUSTER} names a kubeconfig, that cluster is
 * used in its place: the CRDs, roles and the default class are installed there, namespaces come and go.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("lab")
@ExtendWith(LabExtension.class)
public @interface LabTest {}
