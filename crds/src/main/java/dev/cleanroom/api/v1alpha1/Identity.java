package dev.cleanroom.api.v1alpha1;

import java.util.List;
import java.util.Map;

public record Identity(List<String> audiences, Map<String, String> annotations) {}
