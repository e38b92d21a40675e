package io.throughline.identity.identifier;

import io.throughline.contracts.Identifier;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the identifiers in a tracking call: {@code userId}, {@code anonymousId}, {@code email} and
 * {@code phone} among traits, {@code context.device.token}, {@code context.externalIds}.
 */
public final class Extraction {

    private final @Nullable String region;
    private final NavigableSet<Identifier> found = new TreeSet<>(Identifiers.STRONGEST_FIRST);

    private Extraction(@Nullable String region) {
        this.region = region;
    }

    /**
     * All identifiers of a call, strongest first; empty where it names nobody.
     *
     * @param previousId of an alias call: what the customer was called until now
     * @param traits the customer's own, so not those of a group call
     * @param defaultRegion country of phone numbers without {@code +} where the call names none
     */
    public static List<Identifier> of(
            @Nullable String userId,
            @Nullable String anonymousId,
            @Nullable String previousId,
            Map<String, Object> traits,
            Map<String, Object> context,
            @Nullable String defaultRegion) {
        Map<String, Object> contextTraits = object(context.get("traits"));
        Extraction extraction =
                new Extraction(regionOf(traits, contextTraits, context, defaultRegion));
        extraction.add(Identifier.USER_ID, userId);
        extraction.add(Identifier.ANONYMOUS_ID, anonymousId);
        extraction.add(Identifier.ANONYMOUS_ID, previousId);
        extraction.addTraits(traits);
        extraction.addTraits(contextTraits);
        extraction.add(Identifier.PUSH_TOKEN, object(context.get("device")).get("token"));
        extraction.addExternal(context.get("externalIds"));
        return List.copyOf(extraction.found);
    }

    /**
     * Types of which a call has a value that is none, as an email without {@code @}: nobody is
     * found by it.
     *
     * @param found what the call was found to name
     */
    public static Set<String> unread(
            Map<String, Object> traits, Map<String, Object> context, List<Identifier> found) {
        Map<String, Object> contextTraits = object(context.get("traits"));
        if (traits.isEmpty() && contextTraits.isEmpty()) {
            return Set.of();
        }
        Set<String> unread = new TreeSet<>();
        for (String type : List.of(Identifier.EMAIL, Identifier.PHONE)) {
            boolean said = isSaid(traits.get(type)) || isSaid(contextTraits.get(type));
            if (said && found.stream().noneMatch(identifier -> identifier.type().equals(type))) {
                unread.add(type);
            }
        }
        return unread;
    }

    private static boolean isSaid(@Nullable Object value) {
        return value != null && !value.toString().isBlank();
    }

    private void addTraits(Map<String, Object> traits) {
        add(Identifier.EMAIL, traits.get("email"));
        add(Identifier.PHONE, traits.get("phone"));
    }

    private void addExternal(@Nullable Object externalIds) {
        if (!(externalIds instanceof List<?> list)) {
            return;
        }
        for (Object item : list) {
            Map<String, Object> external = object(item);
            boolean ofCustomers = "users".equals(external.getOrDefault("collection", "users"));
            if (ofCustomers && external.get("type") instanceof String type) {
                addExternal(Identifiers.typeOf(type), external.get("id"));
            }
        }
    }

    /** A customer has one user id, and a call says it in {@code userId}. */
    private void addExternal(String type, @Nullable Object id) {
        if (!type.equals(Identifier.USER_ID)) {
            add(type, id);
        }
    }

    private void add(String type, @Nullable Object raw) {
        String text =
                switch (raw) {
                    case String s -> s;
                    case Integer i -> i.toString();
                    case Long l -> l.toString();
                    case null, default -> null;
                };
        if (text != null) {
            Identifiers.normalise(type, text, region).ifPresent(found::add);
        }
    }

    private static @Nullable String regionOf(
            Map<String, Object> traits,
            Map<String, Object> contextTraits,
            Map<String, Object> context,
            @Nullable String defaultRegion) {
        Object[] candidates = {
            traits.get("country"),
            object(traits.get("address")).get("country"),
            contextTraits.get("country"),
            object(contextTraits.get("address")).get("country"),
            object(context.get("location")).get("country")
        };
        for (Object candidate : candidates) {
            if (candidate instanceof String country
                    && Identifiers.isRegion(country.toUpperCase(Locale.ROOT))) {
                return country.toUpperCase(Locale.ROOT);
            }
        }
        return defaultRegion;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }
}
