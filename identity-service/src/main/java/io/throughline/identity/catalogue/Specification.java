package io.throughline.identity.catalogue;

import com.fasterxml.jackson.core.type.TypeReference;
import io.throughline.contracts.json.ContractJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Track events that a trade has agreed on, with their properties.
 *
 * @param name as in {@code ecommerce}
 * @param events by name
 */
public record Specification(String name, String title, Map<String, Known> events) {

    /** Those that come with the service, each in a file of its name. */
    private static final List<String> NAMES = List.of("ecommerce", "banking", "travel");

    /**
     * An event of a specification.
     *
     * @param aliases what it was called in earlier versions
     */
    public record Known(List<String> aliases, Map<String, PropertyType> properties) {}

    private record Document(
            String spec,
            String title,
            Map<String, Map<String, PropertyType>> sets,
            Map<String, Entry> events) {}

    private record Entry(
            @Nullable List<String> aliases,
            @Nullable List<String> sets,
            @Nullable Map<String, PropertyType> properties) {}

    /** All of them. */
    public static List<Specification> all() {
        return NAMES.stream().map(Specification::load).toList();
    }

    private static Specification load(String name) {
        try (InputStream file =
                Specification.class.getResourceAsStream("/catalogue/" + name + ".json")) {
            return of(ContractJson.mapper().readValue(file, new TypeReference<Document>() {}));
        } catch (IOException e) {
            throw new UncheckedIOException("the specification " + name + " is broken", e);
        }
    }

    private static Specification of(Document document) {
        Map<String, Known> events = new LinkedHashMap<>();
        document.events().forEach((name, entry) -> events.put(name, known(document, entry)));
        return new Specification(document.spec(), document.title(), events);
    }

    private static Known known(Document document, Entry entry) {
        Map<String, PropertyType> properties = new LinkedHashMap<>();
        if (entry.properties() != null) {
            properties.putAll(entry.properties());
        }
        List<String> sets = entry.sets() == null ? List.of() : entry.sets();
        for (String set : sets) {
            Map<String, PropertyType> shared = document.sets().get(set);
            if (shared == null) {
                throw new IllegalStateException(document.spec() + " has no set " + set);
            }
            shared.forEach(properties::putIfAbsent);
        }
        return new Known(entry.aliases() == null ? List.of() : entry.aliases(), properties);
    }
}
