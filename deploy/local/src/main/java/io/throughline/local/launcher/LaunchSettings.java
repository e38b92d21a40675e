package io.throughline.local.launcher;

import io.throughline.local.LocalSettings;
import io.throughline.local.Service;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.infrastructure.Ports;
import io.throughline.local.infrastructure.StartFailure;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the environment says about this start.
 *
 * @param checkout the directory that holds the modules
 * @param javaOptions for the services' JVMs, from {@code THROUGHLINE_JAVA_OPTS}
 */
record LaunchSettings(
        Home home, Path checkout, Map<Part, Integer> ports, List<String> javaOptions) {

    static final String JAVA_OPTIONS = "THROUGHLINE_JAVA_OPTS";

    /**
     * @throws StartFailure for a port that is no number or stands twice
     */
    static LaunchSettings of(Map<String, String> environment, Path workingDirectory) {
        Map<Part, Integer> ports = new EnumMap<>(Part.class);
        Map<Integer, Part> users = new HashMap<>();
        for (Part part : Part.values()) {
            int port = port(environment, part);
            Part other = users.put(port, part);
            if (other != null) {
                throw new StartFailure(
                        "Port %d is given to %s and to %s: change %s or %s."
                                .formatted(
                                        port,
                                        other.words(),
                                        part.words(),
                                        other.variable(),
                                        part.variable()));
            }
            ports.put(part, port);
        }
        String options = environment.getOrDefault(JAVA_OPTIONS, "").strip();
        return new LaunchSettings(
                Home.of(environment, workingDirectory),
                Home.checkout(workingDirectory).orElse(workingDirectory.toAbsolutePath()),
                ports,
                options.isEmpty() ? List.of() : List.of(options.split("\\s+", -1)));
    }

    private static int port(Map<String, String> environment, Part part) {
        String value = environment.getOrDefault(part.variable(), "").strip();
        if (value.isEmpty()) {
            return part.defaultPort();
        }
        if (!value.matches("[0-9]{1,5}")
                || Integer.parseInt(value) < 1
                || Integer.parseInt(value) > 65_535) {
            throw new StartFailure(
                    "%s is %s, which is no port: give a number from 1 to 65535."
                            .formatted(part.variable(), value));
        }
        return Integer.parseInt(value);
    }

    int port(Part part) {
        Integer port = ports.get(part);
        return port == null ? part.defaultPort() : port;
    }

    int port(Service service) {
        return port(Part.of(service));
    }

    /**
     * @throws StartFailure for the first port that something else listens on
     */
    void requireFreePorts() {
        for (Part part : Part.values()) {
            Ports.requireFree(port(part), part.words(), part.variable());
        }
    }

    String gatewayUrl() {
        return "http://localhost:" + port(Part.GATEWAY);
    }

    LocalSettings local() {
        return new LocalSettings(
                "127.0.0.1:" + port(Part.KAFKA),
                "redis://127.0.0.1:" + port(Part.REDIS),
                port(Part.POSTGRES),
                port(Part.SMSC),
                port(Part.SMTP),
                "http://localhost:" + port(Part.IDENTITY),
                "http://localhost:" + port(Part.CHANNEL),
                "http://localhost:" + port(Part.JOURNEY),
                "http://localhost:" + port(Part.ATTRIBUTION),
                gatewayUrl());
    }

    /** A service's environment on top of this process's own. */
    Map<String, String> environment(Service service) {
        Map<String, String> environment = new LinkedHashMap<>(local().environment(service.label()));
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port(service)));
        return environment;
    }

    /** Name to address, in the order in which people want to read them. */
    Map<String, String> addresses() {
        Map<String, String> addresses = new LinkedHashMap<>();
        addresses.put("gateway", gatewayUrl());
        for (Service service : Service.values()) {
            addresses.put(
                    service.label() + " OpenAPI",
                    gatewayUrl() + "/services/" + service.label() + "/q/openapi");
        }
        addresses.put("texts received", "http://localhost:" + port(Part.SIMULATORS) + "/sms");
        addresses.put("mails received", "http://localhost:" + port(Part.SIMULATORS) + "/mails");
        addresses.put("Kafka", "localhost:" + port(Part.KAFKA));
        addresses.put(
                "PostgreSQL",
                "postgresql://identity:%s@localhost:%d/identity"
                        .formatted(LocalSettings.DATABASE_PASSWORD, port(Part.POSTGRES)));
        addresses.put("Redis", "redis://localhost:" + port(Part.REDIS));
        addresses.put("write key", LocalSettings.WRITE_KEY);
        addresses.put("admin token", LocalSettings.ADMIN_TOKEN);
        return addresses;
    }
}
