package dev.cleanroom.api.v1alpha1;

import java.util.List;

public record PrepareStep(
        String name,
        String image,
        List<String> command,
        List<String> args,
        List<EnvironmentVariable> env,
        String workingDir,
        ComputeResources resources,
        List<FileSource> secrets,
        List<FileSource> configs) {}
