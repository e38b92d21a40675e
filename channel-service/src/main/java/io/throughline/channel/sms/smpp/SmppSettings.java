package io.throughline.channel.sms.smpp;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.throughline.channel.sms.CommandStatus.Meaning;
import io.throughline.channel.sms.ProviderIds;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What an operator says of the carrier; {@link Carrier} checks it. Without a host there is no SMS
 * route.
 */
@ConfigMapping(prefix = "throughline.channel.smpp")
public interface SmppSettings {

    Optional<String> host();

    @WithDefault("2775")
    int port();

    Optional<String> systemId();

    Optional<String> password();

    Optional<String> systemType();

    /** An international number, a short code, or a name. */
    Optional<String> sourceAddress();

    /** Where the carrier's custom for the source is another than ours. */
    Optional<Integer> sourceTon();

    Optional<Integer> sourceNpi();

    /** Messages unanswered on one bind, as agreed with the carrier. */
    @WithDefault("50")
    int window();

    /** Sessions side by side, as agreed with the carrier. */
    @WithDefault("1")
    int binds();

    /** After this an answer is taken for lost, and its message for unknown. */
    @WithDefault("PT10S")
    Duration responseTimeout();

    /** Silence after which the link is tried. */
    @WithDefault("PT30S")
    Duration enquireInterval();

    /** How the carrier writes ids in receipts, against those in its answers. */
    @WithDefault("AS_IS")
    ProviderIds providerIds();

    /**
     * The zone of the times in receipts, as in {@code Europe/Madrid}; without it their arrival
     * counts. A text, since the platform's converter for zones fails on one that is not set.
     */
    Optional<String> receiptZone();

    /** For senders' numbers that the carrier gives in national form. */
    Optional<String> countryCode();

    /** What it means where the carrier answers by its own numbers, as in {@code 0x410}. */
    Map<String, Meaning> vendorStatus();

    /**
     * How long what the carrier tells may take to be stored; then it is asked to tell it again.
     * Under the carrier's own patience.
     */
    @WithDefault("PT10S")
    Duration inboundTimeout();
}
