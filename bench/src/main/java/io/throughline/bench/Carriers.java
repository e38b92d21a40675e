package io.throughline.bench;

import io.throughline.bench.checker.Receipt;
import io.throughline.local.simulators.Mail;
import io.throughline.local.simulators.Simulators;
import io.throughline.local.simulators.Sms;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the SMSC and the mail sink received, by whom it was for. */
final class Carriers implements AutoCloseable {

    /** What tells a message from every other: the event that led to it, and the journey. */
    static final String MARK = "Soak {{ event.properties.token }} by {{ journey.key }}";

    private static final Pattern MARKED = Pattern.compile("Soak ([0-9a-f]+) by ([a-z0-9-]+)");

    private final Simulators outside;
    private final Stalls stalls;
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, URI> unsubscribing = new ConcurrentHashMap<>();
    private final List<Receipt> received = new ArrayList<>();
    private long texts;
    private long mails;
    private long others;

    Carriers(Simulators outside, List<Person> people) {
        this.outside = outside;
        this.stalls = new Stalls(() -> outside.boundLinks());
        for (Person person : people) {
            owners.put(digits(person.phone()), person.user());
            owners.put(person.email(), person.user());
        }
    }

    /** Takes over what came since the last time; often enough that nothing is forgotten there. */
    void collect() {
        for (Sms sms : outside.smsAfter(texts)) {
            texts++;
            note(digits(sms.to()), "sms", sms.text(), sms.receivedAt());
        }
        for (Mail mail : outside.mailsAfter(mails)) {
            mails++;
            note(mail.to(), "email", mail.subject(), mail.receivedAt());
            remember(mail);
        }
    }

    /** What has no mark is no journey's message, as the answer to a stop. */
    private void note(String address, String channel, String text, Instant at) {
        Matcher mark = MARKED.matcher(text);
        if (!mark.find()) {
            others++;
            return;
        }
        String journey = mark.group(2);
        String message = mark.group(1) + "/" + journey;
        String owner = owners.getOrDefault(address, address);
        received.add(new Receipt(owner, channel, journey, message, at));
    }

    private void remember(Mail mail) {
        String header = mail.header("List-Unsubscribe");
        String owner = owners.get(mail.to());
        if (owner != null && header.startsWith("<") && header.endsWith(">")) {
            unsubscribing.put(owner, URI.create(header.substring(1, header.length() - 1)));
        }
    }

    /** Where the last mail to somebody is unsubscribed from with one click. */
    Optional<URI> unsubscribing(Person person) {
        return Optional.ofNullable(unsubscribing.get(person.user()));
    }

    /** All so far, with how late the stamp may be as far as is known by now. */
    List<Receipt> received() {
        return received.stream().map(this::knowingStalls).toList();
    }

    private Receipt knowingStalls(Receipt receipt) {
        return new Receipt(
                receipt.customer(),
                receipt.channel(),
                receipt.journey(),
                receipt.message(),
                receipt.at(),
                stalls.before(receipt.at()));
    }

    /** Those without a mark. */
    long others() {
        return others;
    }

    Stalls stalls() {
        return stalls;
    }

    private static String digits(String number) {
        return number.replace("+", "");
    }

    @Override
    public void close() {
        stalls.close();
    }
}
