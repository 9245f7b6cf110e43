package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Verdict;
import java.util.List;

/** @param findings the most severe first */
public record Judgement(Verdict verdict, List<Finding> findings) {}
