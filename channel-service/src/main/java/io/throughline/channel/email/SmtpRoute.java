package io.throughline.channel.email;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.Route;
import io.throughline.contracts.Channel;
import io.vertx.core.MultiMap;
import io.vertx.ext.mail.MailMessage;
import io.vertx.mutiny.ext.mail.MailClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands emails to one SMTP server. */
final class SmtpRoute implements Route {

    static final String NAME = "smtp";

    private static final Duration REST = Duration.ofSeconds(2);

    private final MailClient client;
    private final String from;
    private final String domain;
    private final int connections;
    private final Duration timeout;
    private final InstantSource clock;

    private final AtomicInteger underWay = new AtomicInteger();
    private volatile Instant restsUntil = Instant.EPOCH;

    SmtpRoute(
            MailClient client,
            String from,
            int connections,
            Duration timeout,
            InstantSource clock) {
        this.client = client;
        this.from = from;
        this.domain = from.substring(from.lastIndexOf('@') + 1).replace(">", "").strip();
        this.connections = connections;
        this.timeout = timeout;
        this.clock = clock;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Channel channel() {
        return Channel.EMAIL;
    }

    @Override
    public boolean up() {
        return !clock.instant().isBefore(restsUntil);
    }

    /** As many as there are connections: what waits for one would outlive the gate's lease. */
    @Override
    public int room() {
        return up() ? Math.max(0, connections - underWay.get()) : 0;
    }

    @Override
    public Uni<HandOver> handOver(Outbound message) {
        if (!(message.content() instanceof Content.Email email)) {
            return Uni.createFrom()
                    .item(new HandOver.Refused("content", "the email route carries emails only"));
        }
        String id = "<" + message.message() + "@" + domain + ">";
        underWay.incrementAndGet();
        return client.sendMail(mail(message, email, id))
                .<HandOver>map(result -> new HandOver.Accepted(List.of(id)))
                .ifNoItem()
                .after(timeout)
                .recoverWithItem(
                        () -> new HandOver.Unknown("no answer from the mail server in " + timeout))
                .onFailure()
                .recoverWithItem(SmtpReply::of)
                .invoke(this::restIfAway)
                .onTermination()
                .invoke(underWay::decrementAndGet);
    }

    /** While the server is away the queue need not try it message by message. */
    private void restIfAway(HandOver answer) {
        if (answer instanceof HandOver.NotTaken(String detail)
                && detail.startsWith(SmtpReply.AWAY)) {
            restsUntil = clock.instant().plus(REST);
        }
    }

    private MailMessage mail(Outbound message, Content.Email email, String id) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Message-ID", id);
        for (Map.Entry<String, String> header : email.headers().entrySet()) {
            headers.add(header.getKey(), header.getValue());
        }
        return new MailMessage()
                .setFrom(from)
                .setTo(message.to())
                .setSubject(email.subject())
                .setText(email.text())
                .setHtml(email.html())
                .setHeaders(headers);
    }
}
