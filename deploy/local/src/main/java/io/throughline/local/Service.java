package io.throughline.local;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The four services of the suite. */
public enum Service {
    IDENTITY(8081),
    JOURNEY(8082),
    CHANNEL(8083),
    ATTRIBUTION(8084);

    private final int defaultPort;

    Service(int defaultPort) {
        this.defaultPort = defaultPort;
    }

    public int defaultPort() {
        return defaultPort;
    }

    /** As people write it, and the name of its database and role. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The Maven module's directory. */
    public String module() {
        return label() + "-service";
    }

    public static Optional<Service> named(String label) {
        return Arrays.stream(values()).filter(service -> service.label().equals(label)).findFirst();
    }
}
