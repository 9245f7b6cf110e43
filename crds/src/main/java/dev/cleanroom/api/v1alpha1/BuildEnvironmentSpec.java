package dev.cleanroom.api.v1alpha1;

import java.util.List;

public record BuildEnvironmentSpec(
        String className,
        String image,
        List<String> command,
        List<String> args,
        List<EnvironmentVariable> env,
        String workingDir,
        ComputeResources resources,
        Workspace workspace,
        Tmp tmp,
        List<FileSource> secrets,
        List<FileSource> configs,
        List<PrepareStep> prepare,
        Identity identity,
        List<EgressRule> egress,
        OnExit onExit,
        Integer replicas,
        Integer retries,
        String maxLifetime,
        String ttlAfterFinished) {}
