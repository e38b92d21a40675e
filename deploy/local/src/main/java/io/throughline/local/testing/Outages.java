package io.throughline.local.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Beside {@link EmbeddedInfrastructure}: a relay before PostgreSQL and one before Redis that a test
 * can cut; connections end then, and new ones are refused.
 */
public final class Outages implements QuarkusTestResourceLifecycleManager {

    private final List<Relay> relays = new ArrayList<>();

    /** What can be away. */
    public enum Part {
        POSTGRESQL("quarkus.datasource.reactive.url"),
        REDIS("quarkus.redis.hosts");

        private final String setting;

        Part(String setting) {
            this.setting = setting;
        }

        /**
         * The test class and the resource live in different class loaders; a property joins them.
         */
        private String property() {
            return "throughline.test.away." + name().toLowerCase(Locale.ROOT);
        }

        boolean isAway() {
            return Boolean.getBoolean(property());
        }
    }

    public static void begin(Part part) {
        System.setProperty(part.property(), "true");
    }

    public static void end() {
        for (Part part : Part.values()) {
            System.clearProperty(part.property());
        }
    }

    /** After everything that gives addresses, which this replaces. */
    @Override
    public int order() {
        return 1000;
    }

    @Override
    public Map<String, String> start() {
        end();
        Map<String, String> properties = EmbeddedInfrastructure.properties();
        Map<String, String> replaced = new LinkedHashMap<>();
        // Of the database all, since it is another than what went before has made.
        properties.forEach((name, value) -> {
            if (name.startsWith("quarkus.datasource.") || name.startsWith("quarkus.redis.")) {
                replaced.put(name, value);
            }
        });
        for (Part part : Part.values()) {
            InetSocketAddress target = addressIn(replaced.getOrDefault(part.setting, ""));
            Relay relay = Relay.to(target, part::isAway);
            relays.add(relay);
            replaced.replaceAll(
                    (name, value) -> value.replace(":" + target.getPort(), ":" + relay.port()));
        }
        return replaced;
    }

    @Override
    public void stop() {
        relays.forEach(Relay::close);
        end();
    }

    /** Of a URL such as {@code vertx-reactive:postgresql://127.0.0.1:5432/name}. */
    private static InetSocketAddress addressIn(String url) {
        URI address = URI.create(url.replaceFirst("^vertx-reactive:", ""));
        return new InetSocketAddress(address.getHost(), address.getPort());
    }
}
