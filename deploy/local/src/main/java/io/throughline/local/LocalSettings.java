package io.throughline.local;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The configuration a service gets on this machine. The secrets are public and good for loopback
 * only; no other deployment has defaults for them.
 *
 * @param kafka bootstrap servers
 * @param redis {@code redis://host:port}
 * @param postgresPort on loopback
 * @param smscPort on loopback
 * @param smtpPort on loopback
 * @param identityUrl where journey and channel reach identity
 * @param channelUrl where journey and identity reach channel
 * @param journeyUrl where identity reaches journey
 * @param attributionUrl where identity reaches attribution
 * @param publicUrl the gateway: base of the links in messages, and where browsers send events
 */
public record LocalSettings(
        String kafka,
        String redis,
        int postgresPort,
        int smscPort,
        int smtpPort,
        String identityUrl,
        String channelUrl,
        String journeyUrl,
        String attributionUrl,
        String publicUrl) {

    public static final String WRITE_KEY = "local-write-key";
    public static final String ADMIN_TOKEN = "local-admin-token";
    public static final String MARKETER_TOKEN = "local-marketer-token";
    public static final String VIEWER_TOKEN = "local-viewer-token";
    public static final String SERVICE_TOKEN = "local-service-token";
    public static final String LINK_SECRET = "local-link-secret-0123456789abcdef";
    public static final String SUPPRESSION_SECRET = "local-suppression-secret-0123456789";
    public static final String DATABASE_PASSWORD = "local";
    public static final String SMPP_SYSTEM_ID = "throughline";
    public static final String SMPP_PASSWORD = "local";
    public static final String SMS_SOURCE_ADDRESS = "+41790000000";
    public static final String MAIL_FROM = "shop@throughline.localhost";

    /**
     * By MicroProfile Config name.
     *
     * @param database the service's database and the role that owns it
     */
    public Map<String, String> properties(String database) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("quarkus.devservices.enabled", "false");
        properties.put("quarkus.http.host", "127.0.0.1");
        properties.put("kafka.bootstrap.servers", kafka);
        properties.put("quarkus.redis.hosts", redis);
        String server = "postgresql://127.0.0.1:" + postgresPort + "/" + database;
        properties.put("quarkus.datasource.reactive.url", server);
        properties.put("quarkus.datasource.jdbc.url", "jdbc:" + server);
        properties.put("quarkus.datasource.username", database);
        properties.put("quarkus.datasource.password", DATABASE_PASSWORD);
        properties.put(
                "throughline.auth.tokens",
                "admin:%s,marketer:%s,viewer:%s"
                        .formatted(
                                sha256(ADMIN_TOKEN), sha256(MARKETER_TOKEN), sha256(VIEWER_TOKEN)));
        properties.put("throughline.auth.service-token", SERVICE_TOKEN);
        properties.put("throughline.identity.write-keys", "local:" + sha256(WRITE_KEY));
        properties.put("throughline.identity.url", identityUrl);
        properties.put("throughline.identity.public-url", publicUrl);
        properties.put("throughline.identity.suppression-secret", SUPPRESSION_SECRET);
        properties.put("throughline.journey.url", journeyUrl);
        properties.put("throughline.attribution.url", attributionUrl);
        properties.put("throughline.channel.url", channelUrl);
        properties.put("throughline.channel.public-url", publicUrl);
        properties.put("throughline.channel.link-secret", LINK_SECRET);
        properties.put("throughline.channel.smpp.host", "127.0.0.1");
        properties.put("throughline.channel.smpp.port", Integer.toString(smscPort));
        properties.put("throughline.channel.smpp.system-id", SMPP_SYSTEM_ID);
        properties.put("throughline.channel.smpp.password", SMPP_PASSWORD);
        properties.put("throughline.channel.smpp.source-address", SMS_SOURCE_ADDRESS);
        properties.put("throughline.channel.smtp.host", "127.0.0.1");
        properties.put("throughline.channel.smtp.port", Integer.toString(smtpPort));
        properties.put("throughline.channel.smtp.from", MAIL_FROM);
        return properties;
    }

    /** The same as environment variables, named as MicroProfile Config maps them. */
    public Map<String, String> environment(String database) {
        Map<String, String> environment = new LinkedHashMap<>();
        properties(database)
                .forEach((name, value) -> environment.put(environmentName(name), value));
        return environment;
    }

    /** {@code quarkus.http.port} is {@code QUARKUS_HTTP_PORT}. */
    public static String environmentName(String property) {
        return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static String sha256(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
