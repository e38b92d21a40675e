package io.throughline.channel.store;

import io.throughline.contracts.Channel;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import java.util.ArrayList;
import java.util.List;

/** The addresses among identifiers that are another customer's, as {@code unnest} wants them. */
final class MovedAddresses {

    private final List<String> channels = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();

    MovedAddresses(IdentifiersUnlinked unlinked) {
        for (Identifier identifier : unlinked.identifiers()) {
            for (Channel channel : channelsOf(identifier)) {
                channels.add(channel.word());
                addresses.add(identifier.value());
            }
        }
    }

    boolean isEmpty() {
        return channels.isEmpty();
    }

    String[] channels() {
        return channels.toArray(String[]::new);
    }

    /** Of the channels, in their order. */
    String[] addresses() {
        return addresses.toArray(String[]::new);
    }

    /** Channels of which an identifier is itself an address. */
    private static List<Channel> channelsOf(Identifier identifier) {
        return switch (identifier.type()) {
            case Identifier.EMAIL -> List.of(Channel.EMAIL);
            case Identifier.PHONE -> List.of(Channel.SMS, Channel.WHATSAPP);
            case Identifier.PUSH_TOKEN -> List.of(Channel.PUSH);
            default -> List.of();
        };
    }
}
