package dev.cleanroom.operator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.cleanroom.operator.trust.registry.HostOptions;
import dev.cleanroom.operator.trust.registry.Mirror;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads an administrator's settings for hosts that serve images: a YAML object with a key for each host. */
final class RegistriesFile {
    private RegistriesFile() {}

    private record Host(
            @Nullable Boolean plainHttp,
            @Nullable Boolean anyAddress,
            @Nullable List<String> mirrors,
            @Nullable Boolean mirrorsOnly,
            @Nullable String caBundle) {

        HostOptions options() {
            return new HostOptions(
                    Boolean.TRUE.equals(plainHttp),
                    Boolean.TRUE.equals(anyAddress),
                    mirrors == null
                            ? List.of()
                            : mirrors.stream().map(Mirror::parse).toList(),
                    Boolean.TRUE.equals(mirrorsOnly),
                    caBundle);
        }
    }

    /** @throws IllegalArgumentException with the file and what is wrong in it */
    static RegistryOptions read(Optional<Path> file) {
        if (file.isEmpty()) {
            return RegistryOptions.STRICT;
        }
        try {
            return parse(Files.readString(file.get()));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file.get() + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file.get() + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file.get() + ": " + e.getMessage(), e);
        }
    }

    private static RegistryOptions parse(String yaml) throws JsonProcessingException {
        @Nullable Map<String, @Nullable Host> hosts = YAMLMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build()
                .readValue(yaml, new TypeReference<>() {});
        if (hosts == null) {
            throw new IllegalArgumentException("is empty: write {} for no settings");
        }
        Map<String, HostOptions> options = new LinkedHashMap<>();
        for (Map.Entry<String, @Nullable Host> host : hosts.entrySet()) {
            Mirror name = Mirror.parse(host.getKey());
            if (!name.path().isEmpty()) {
                throw new IllegalArgumentException("a key must be a host or host:port: " + host.getKey());
            }
            options.put(
                    name.host(),
                    host.getValue() == null
                            ? HostOptions.STRICT
                            : host.getValue().options());
        }
        return new RegistryOptions(options);
    }
}
