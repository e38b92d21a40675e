package io.throughline.channel.email;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.email.SmtpConnection.LeaseOver;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.Lease;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.Route;
import io.throughline.contracts.Channel;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hands emails to one SMTP server, each on a connection and a virtual thread of its own. A mail
 * counts as under way until its conversation has really ended: one that takes too long is ended by
 * closing its connection, not by looking away.
 */
final class SmtpRoute implements Route {

    static final String NAME = "smtp";

    private static final Logger LOG = Logger.getLogger(SmtpRoute.class);

    /** After this a connection that nothing is sent over is closed. */
    private static final Duration IDLE = Duration.ofSeconds(30);

    /** How long a connection at rest may take to say that it still stands. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final SmtpServer server;
    private final InternetAddress from;
    private final int connections;
    private final InstantSource clock;
    private final Rest rest;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("smtp-", 0).factory());

    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Deque<SmtpConnection> idle = new ConcurrentLinkedDeque<>();

    SmtpRoute(SmtpServer server, InternetAddress from, int connections, InstantSource clock) {
        this.server = server;
        this.from = from;
        this.connections = connections;
        this.clock = clock;
        this.rest = new Rest(clock);
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
        return rest.isOver();
    }

    /** As many as there are connections: nothing waits for one. */
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
        return Uni.createFrom()
                .deferred(() -> {
                    if (underWay.incrementAndGet() > connections) {
                        underWay.decrementAndGet();
                        return Uni.createFrom()
                                .item(new HandOver.NotTaken("every connection is taken"));
                    }
                    return Uni.createFrom()
                            .<HandOver>emitter(
                                    e -> threads.execute(() -> e.complete(outcome(message, email))))
                            .emitOn(callersContext());
                });
    }

    /** Outcomes come from virtual threads; the caller goes on where it was. */
    private static Executor callersContext() {
        Context context = Vertx.currentContext();
        return context == null
                ? Runnable::run
                : outcome -> context.runOnContext(ignored -> outcome.run());
    }

    /** Always something: of what goes wrong unforeseen nobody knows how far it came. */
    private HandOver outcome(Outbound message, Content.Email email) {
        // Where the mail library looks for its parts.
        Thread.currentThread().setContextClassLoader(SmtpRoute.class.getClassLoader());
        try {
            return handOver(message, email);
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "Handing over message %s went wrong", message.message());
            return new HandOver.Unknown(e.toString());
        } finally {
            underWay.decrementAndGet();
        }
    }

    private HandOver handOver(Outbound message, Content.Email email) {
        String domain = from.getAddress().substring(from.getAddress().lastIndexOf('@') + 1);
        String id = "<" + message.message() + "@" + domain + ">";
        InternetAddress to;
        MimeMessage mail;
        try {
            to = Mails.recipient(message.to());
            mail = Mails.compose(server.session(), from, to, email, id, clock.instant());
        } catch (MessagingException e) {
            return new HandOver.Refused("invalid", String.valueOf(e.getMessage()));
        }
        SmtpEnd end;
        try (Deadline deadline = new Deadline(server.timeout())) {
            end = send(mail, to, message.lease(), deadline);
        } catch (LeaseOver e) {
            return new HandOver.NotTaken(LeaseOver.WHY);
        }
        if (end == null) {
            rest.end();
            return new HandOver.Accepted(List.of(id));
        }
        rest.after(end);
        return end.outcome(id);
    }

    private @Nullable SmtpEnd send(
            MimeMessage mail, InternetAddress to, Lease lease, Deadline deadline) throws LeaseOver {
        SmtpConnection held = standing();
        if (held != null) {
            SmtpEnd end = send(held, mail, to, lease, deadline);
            if (end == null || !end.beforeAnything() || deadline.hasPassed()) {
                return end;
            }
        }
        SmtpConnection fresh = new SmtpConnection(server);
        deadline.watch(fresh);
        SmtpEnd end = fresh.open();
        return end == null ? send(fresh, mail, to, lease, deadline) : end;
    }

    private @Nullable SmtpEnd send(
            SmtpConnection connection,
            MimeMessage mail,
            InternetAddress to,
            Lease lease,
            Deadline deadline)
            throws LeaseOver {
        deadline.watch(connection);
        SmtpEnd end = connection.send(mail, to, lease);
        boolean stands = deadline.release() && (end == null || end.leavesTheConnection());
        if (stands) {
            giveBack(connection);
        } else {
            connection.abort();
        }
        return end;
    }

    /** One of the connections at rest that still stands, where there is one. */
    private @Nullable SmtpConnection standing() {
        SmtpConnection held = idle.pollFirst();
        while (held != null) {
            try (Deadline look = new Deadline(LOOK)) {
                look.watch(held);
                if (held.stands(clock.instant()) && look.release()) {
                    return held;
                }
            }
            held = idle.pollFirst();
        }
        return null;
    }

    private void giveBack(SmtpConnection connection) {
        connection.quiet(clock.instant());
        idle.addFirst(connection);
        closeIdleLater();
    }

    private void closeIdleLater() {
        if (closing.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(IDLE.toMillis(), TimeUnit.MILLISECONDS, threads)
                    .execute(this::closeIdle);
        }
    }

    private void closeIdle() {
        closing.set(false);
        Instant old = clock.instant().minus(IDLE);
        for (SmtpConnection connection : List.copyOf(idle)) {
            if (!connection.quietSince().isAfter(old) && idle.remove(connection)) {
                connection.close();
            }
        }
        if (!idle.isEmpty()) {
            closeIdleLater();
        }
    }

    /** Ends conversations that take too long, all of one mail's together. */
    private static final class Deadline implements AutoCloseable {

        private final Thread alarm;
        private @Nullable SmtpConnection watched;
        private boolean passed;

        Deadline(Duration after) {
            alarm =
                    Thread.startVirtualThread(() -> {
                        if (waited(after)) {
                            pass();
                        }
                    });
        }

        private static boolean waited(Duration time) {
            try {
                Thread.sleep(time);
                return true;
            } catch (InterruptedException e) {
                return false;
            }
        }

        private synchronized void pass() {
            passed = true;
            if (watched != null) {
                watched.abort();
            }
        }

        /** From here on this connection is the one to end. */
        synchronized void watch(SmtpConnection connection) {
            watched = connection;
            if (passed) {
                connection.abort();
            }
        }

        /**
         * From here on none is.
         *
         * @return whether the one that was watched was left alone
         */
        synchronized boolean release() {
            watched = null;
            return !passed;
        }

        synchronized boolean hasPassed() {
            return passed;
        }

        @Override
        public void close() {
            release();
            alarm.interrupt();
        }
    }
}
