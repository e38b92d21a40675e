package io.throughline.channel.sms.smpp;

import io.throughline.channel.sms.CommandStatus;
import io.throughline.channel.sms.CommandStatus.Meaning;
import io.throughline.channel.sms.ProviderIds;
import io.throughline.channel.sms.SmsAddress;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A carrier as its settings tell it, checked before anything is tried. */
record Carrier(
        String host,
        int port,
        Account account,
        SmsAddress source,
        int window,
        int binds,
        Duration responseTimeout,
        Duration enquireInterval,
        Customs customs,
        Duration inboundTimeout) {

    private static final String PREFIX = "throughline.channel.smpp.";

    /** Lengths without the closing zero octet (SMPP 3.4, 4.1.1). */
    private static final int LONGEST_SYSTEM_ID = 15;

    private static final int LONGEST_PASSWORD = 8;
    private static final int LONGEST_SYSTEM_TYPE = 12;

    record Account(String systemId, String password, String systemType) {

        @Override
        public String toString() {
            return systemId;
        }
    }

    /** Where this carrier's ways differ from others'. */
    record Customs(
            ProviderIds ids,
            @Nullable ZoneId receiptZone,
            @Nullable String countryCode,
            Map<Integer, Meaning> vendorStatus) {}

    /**
     * @throws IllegalArgumentException naming every setting that is missing or wrong
     */
    static Carrier of(SmppSettings settings) {
        List<String> wrong = new ArrayList<>();
        String host = required("host", settings.host(), wrong);
        Account account =
                new Account(
                        required("system-id", settings.systemId(), wrong),
                        required("password", settings.password(), wrong),
                        settings.systemType().orElse(""));
        String from = required("source-address", settings.sourceAddress(), wrong);
        atMost("system-id", account.systemId(), LONGEST_SYSTEM_ID, wrong);
        atMost("password", account.password(), LONGEST_PASSWORD, wrong);
        atMost("system-type", account.systemType(), LONGEST_SYSTEM_TYPE, wrong);
        between("port", settings.port(), 65_535, wrong);
        between("window", settings.window(), 1_000, wrong);
        between("binds", settings.binds(), 16, wrong);
        positive("response-timeout", settings.responseTimeout(), wrong);
        positive("enquire-interval", settings.enquireInterval(), wrong);
        positive("inbound-timeout", settings.inboundTimeout(), wrong);
        SmsAddress source = source(from, settings, wrong);
        @Nullable ZoneId receiptZone = zone(settings.receiptZone().orElse(""), wrong);
        Map<Integer, Meaning> vendorStatus = vendorStatus(settings.vendorStatus(), wrong);
        if (!wrong.isEmpty() || source == null) {
            throw new IllegalArgumentException(
                    "The SMS route cannot start: " + String.join("; ", wrong));
        }
        return new Carrier(
                host,
                settings.port(),
                account,
                source,
                settings.window(),
                settings.binds(),
                settings.responseTimeout(),
                settings.enquireInterval(),
                new Customs(
                        settings.providerIds(),
                        receiptZone,
                        settings.countryCode().orElse(null),
                        vendorStatus),
                settings.inboundTimeout());
    }

    CommandStatus judge(int commandStatus) {
        return CommandStatus.of(commandStatus, customs.vendorStatus());
    }

    private static String required(String name, Optional<String> value, List<String> wrong) {
        if (value.isEmpty() || value.get().isBlank()) {
            wrong.add(PREFIX + name + " is missing");
            return "";
        }
        return value.get();
    }

    private static void atMost(String name, String value, int longest, List<String> wrong) {
        if (value.length() > longest) {
            wrong.add(PREFIX + name + " has more than " + longest + " characters");
        }
    }

    private static void between(String name, int value, int most, List<String> wrong) {
        if (value < 1 || value > most) {
            wrong.add(PREFIX + name + " is " + value + ", expected 1 to " + most);
        }
    }

    private static void positive(String name, Duration value, List<String> wrong) {
        if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
            wrong.add(PREFIX + name + " is " + value + ", expected PT0.001S to PT1H");
        }
    }

    private static @Nullable SmsAddress source(
            String text, SmppSettings settings, List<String> wrong) {
        try {
            return text.isEmpty()
                    ? null
                    : SmsAddress.source(text)
                            .as(
                                    settings.sourceTon().orElse(null),
                                    settings.sourceNpi().orElse(null));
        } catch (IllegalArgumentException e) {
            wrong.add(PREFIX + "source-address: " + e.getMessage());
            return null;
        }
    }

    private static @Nullable ZoneId zone(String text, List<String> wrong) {
        try {
            return text.isEmpty() ? null : ZoneId.of(text);
        } catch (DateTimeException e) {
            wrong.add(PREFIX + "receipt-zone is " + text + ", expected one such as Europe/Madrid");
            return null;
        }
    }

    private static Map<Integer, Meaning> vendorStatus(
            Map<String, Meaning> settings, List<String> wrong) {
        try {
            return settings.entrySet().stream()
                    .collect(
                            Collectors.toUnmodifiableMap(
                                    e -> Integer.decode(e.getKey()), Map.Entry::getValue));
        } catch (NumberFormatException e) {
            wrong.add(PREFIX + "vendor-status has a key that is no number such as 0x410");
            return Map.of();
        }
    }
}
