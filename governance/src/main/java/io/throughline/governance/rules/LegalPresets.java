package io.throughline.governance.rules;

import com.fasterxml.jackson.core.type.TypeReference;
import io.throughline.contracts.json.ContractJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** The presets that come along, from {@code legal-presets.json}. */
public final class LegalPresets {

    /** Names all of them. */
    public static final String ALL = "all";

    private static final List<LegalPreset> PRESETS = read();

    private LegalPresets() {}

    public static List<LegalPreset> all() {
        return PRESETS;
    }

    /**
     * Those that are meant, in their order.
     *
     * @param names ids, what ids begin with, or {@link #ALL}; a name that means none is passed over
     */
    public static List<LegalPreset> named(Collection<String> names) {
        return names.isEmpty()
                ? List.of()
                : PRESETS.stream()
                        .filter(preset -> names.stream().anyMatch(name -> means(name, preset)))
                        .toList();
    }

    private static boolean means(String name, LegalPreset preset) {
        return name.equals(ALL) || preset.id().equals(name) || preset.id().startsWith(name + "-");
    }

    private static List<LegalPreset> read() {
        try (InputStream file =
                Objects.requireNonNull(
                        LegalPresets.class.getResourceAsStream("legal-presets.json"),
                        "it lies beside this class")) {
            return List.copyOf(
                    ContractJson.mapper()
                            .readValue(file, new TypeReference<List<LegalPreset>>() {}));
        } catch (IOException e) {
            throw new UncheckedIOException("legal-presets.json cannot be read", e);
        }
    }
}
