package io.throughline.local.launcher;

import io.throughline.local.Service;

/** Everything that listens on a port. */
enum Part {
    GATEWAY(8080, "the gateway"),
    KAFKA(19092, "Kafka"),
    POSTGRES(15432, "PostgreSQL"),
    REDIS(16379, "Redis"),
    SMSC(2775, "the SMSC simulator"),
    SMTP(2525, "the SMTP sink"),
    SIMULATORS(8090, "the simulators' HTTP interface"),
    IDENTITY(Service.IDENTITY.defaultPort(), "the identity service"),
    JOURNEY(Service.JOURNEY.defaultPort(), "the journey service"),
    CHANNEL(Service.CHANNEL.defaultPort(), "the channel service"),
    ATTRIBUTION(Service.ATTRIBUTION.defaultPort(), "the attribution service");

    private final int defaultPort;
    private final String words;

    Part(int defaultPort, String words) {
        this.defaultPort = defaultPort;
        this.words = words;
    }

    static Part of(Service service) {
        return valueOf(service.name());
    }

    int defaultPort() {
        return defaultPort;
    }

    String words() {
        return words;
    }

    /** The environment variable that chooses another port. */
    String variable() {
        return "THROUGHLINE_" + name() + "_PORT";
    }
}
