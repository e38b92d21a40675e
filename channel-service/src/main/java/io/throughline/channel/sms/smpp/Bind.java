package io.throughline.channel.sms.smpp;

import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.sms.CommandStatus;
import io.throughline.channel.sms.Pace;
import io.throughline.channel.sms.Reconnection;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jsmpp.DefaultPDUReader;
import org.jsmpp.GenericNackResponseException;
import org.jsmpp.InvalidResponseException;
import org.jsmpp.PDUException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.AlertNotification;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.extra.ResponseTimeoutException;
import org.jsmpp.session.BindParameter;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.MessageReceiverListener;
import org.jsmpp.session.SMPPSession;
import org.jsmpp.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * One session with the carrier, kept up: bound, watched, bound again when it is lost. Its methods
 * that wait are called on virtual threads only.
 */
final class Bind {

    private static final Logger LOG = Logger.getLogger(Bind.class);

    /** A session that held this long was a good one; what follows it is a first failure. */
    private static final Duration GOOD = Duration.ofSeconds(30);

    /**
     * Requests and answers that jsmpp has read and not yet worked off; above, it slows the carrier.
     */
    private static final int READ_AHEAD = 2_000;

    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    private final int number;
    private final Carrier carrier;
    private final DeliverSmIntake intake;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor threads;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Thread> waiting = new HashSet<>();
    private @Nullable SMPPSession session;
    private Pace pace;
    private int unanswered;
    private boolean closing;
    private Instant warned = Instant.EPOCH;

    Bind(
            int number,
            Carrier carrier,
            DeliverSmIntake intake,
            InstantSource clock,
            RandomGenerator random,
            Executor threads) {
        this.number = number;
        this.carrier = carrier;
        this.intake = intake;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
        this.pace = Pace.full(carrier.window());
    }

    void start() {
        threads.execute(this::keep);
    }

    boolean up() {
        return locked(() -> session != null && !closing);
    }

    int room() {
        return locked(
                () -> session == null || closing ? 0 : pace.room(unanswered, clock.instant()));
    }

    /** How long the carrier wants to be left alone. */
    Duration pause() {
        return locked(() -> pace.pause(clock.instant()));
    }

    /** Takes a place in the window, to be given back. */
    boolean take() {
        return locked(() -> {
            boolean free =
                    session != null && !closing && pace.room(unanswered, clock.instant()) > 0;
            unanswered += free ? 1 : 0;
            return free;
        });
    }

    void giveBack() {
        locked(() -> {
            unanswered--;
            changed.signalAll();
            return unanswered;
        });
    }

    /**
     * Submits one part and waits for the answer. What is certain and what is not:
     *
     * <ul>
     *   <li>written and answered: what the answer says;
     *   <li>not written, or not to the end: not taken, since half a request is none;
     *   <li>written, and the answer did not come, or the link went: unknown.
     * </ul>
     */
    HandOver submit(SubmitSm part) {
        SMPPSession to = enter();
        if (to == null) {
            return new HandOver.NotTaken("the link to the carrier is down");
        }
        try {
            HandOver taken = new HandOver.Accepted(List.of(part.over(to)));
            accepted();
            return taken;
        } catch (NegativeResponseException e) {
            return refused(e.getCommandStatus(), to);
        } catch (GenericNackResponseException e) {
            return refused(e.getCommandStatus(), to);
        } catch (ResponseTimeoutException | InvalidResponseException e) {
            return new HandOver.Unknown(
                    isCurrent(to)
                            ? "no answer within " + carrier.responseTimeout()
                            : "the link to the carrier was lost before the answer");
        } catch (PDUException e) {
            return new HandOver.Refused("invalid", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new HandOver.NotTaken("could not be written: " + e.getMessage());
        } finally {
            leave();
        }
    }

    /**
     * Asks for one part back and waits for the answer. Outside the window, which is agreed for what
     * is submitted: this is asked seldom, and has to come before the delivery.
     */
    RecallAnswer cancel(CancelSm part) {
        SMPPSession to = enter();
        if (to == null) {
            return new RecallAnswer.NotNow("the link to the carrier is down");
        }
        try {
            part.over(to);
            return new RecallAnswer.GivenBack();
        } catch (NegativeResponseException e) {
            return kept(e.getCommandStatus());
        } catch (GenericNackResponseException e) {
            return kept(e.getCommandStatus());
        } catch (ResponseTimeoutException | InvalidResponseException e) {
            return new RecallAnswer.Unanswered("no answer within " + carrier.responseTimeout());
        } catch (PDUException e) {
            return new RecallAnswer.Refused(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new RecallAnswer.NotNow("could not be written: " + e.getMessage());
        } finally {
            leave();
        }
    }

    private RecallAnswer kept(int commandStatus) {
        CommandStatus status = carrier.judge(commandStatus);
        String said = status.code() + " " + CancelSm.nameOf(status);
        if (CancelSm.isTooLate(commandStatus)) {
            return new RecallAnswer.TooLate(said);
        }
        return switch (status.meaning()) {
            case THROTTLED, TRANSIENT, ACCEPTED, NOT_BOUND -> new RecallAnswer.NotNow(said);
            case BAD_MESSAGE, FORBIDDEN -> new RecallAnswer.Refused(said);
        };
    }

    /** No more is taken; waits for the answers under way, then takes leave of the carrier. */
    void close() throws InterruptedException {
        SMPPSession last;
        lock.lockInterruptibly();
        try {
            closing = true;
            changed.signalAll();
            long patience = carrier.responseTimeout().toNanos();
            while (unanswered > 0 && patience > 0) {
                patience = changed.awaitNanos(patience);
            }
            last = session;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.unbindAndClose();
        }
    }

    // Keeping the link

    private void keep() {
        int failures = 0;
        while (!locked(() -> closing)) {
            try {
                Instant since = clock.instant();
                untilLost(open());
                boolean good = Duration.between(since, clock.instant()).compareTo(GOOD) > 0;
                failures = good ? 0 : failures;
                pauseFor(Reconnection.afterFailure(failures++, random));
            } catch (IOException e) {
                pauseFor(afterFailure(e, failures++));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private SMPPSession open() throws IOException {
        LaterAnswers answers = new LaterAnswers(threads);
        SMPPSession next =
                new SMPPSession(
                        answers,
                        new DefaultPDUReader(),
                        new TcpConnections(carrier.responseTimeout()));
        next.setTransactionTimer(carrier.responseTimeout().toMillis());
        next.setEnquireLinkTimer(Math.toIntExact(carrier.enquireInterval().toMillis()));
        next.setQueueCapacity(READ_AHEAD);
        next.setMessageReceiverListener(new Listener(answers));
        next.addSessionStateListener((state, before, source) -> {
            if (!state.isBound()) {
                lost(source);
            }
        });
        try {
            bind(next);
            return next;
        } catch (RuntimeException e) {
            // jsmpp has no other word for an answer that it cannot read.
            next.close();
            throw new IOException("the answer to the bind cannot be read", e);
        }
    }

    private void bind(SMPPSession next) throws IOException {
        Carrier.Account account = carrier.account();
        next.connectAndBind(
                carrier.host(),
                carrier.port(),
                new BindParameter(
                        BindType.BIND_TRX,
                        account.systemId(),
                        account.password(),
                        account.systemType(),
                        TypeOfNumber.UNKNOWN,
                        NumberingPlanIndicator.UNKNOWN,
                        "",
                        InterfaceVersion.IF_34),
                carrier.responseTimeout().toMillis());
    }

    private void untilLost(SMPPSession opened) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            session = opened;
            LOG.infof("Bound to the SMS carrier, bind %d", number);
            while (Objects.equals(session, opened) && opened.getSessionState().isBound()) {
                // The state is looked at too: it may have changed before the session stood here.
                changed.await(1, TimeUnit.SECONDS);
            }
            letGo();
            if (!closing) {
                LOG.warnf("The link to the SMS carrier was lost, bind %d", number);
            }
        } finally {
            lock.unlock();
        }
        opened.close();
    }

    private void lost(Session gone) {
        locked(() -> {
            if (Objects.equals(session, gone)) {
                letGo();
            }
            return true;
        });
    }

    /** Whoever waits for an answer over a link that is gone waits in vain. Needs the lock. */
    private void letGo() {
        session = null;
        waiting.forEach(Thread::interrupt);
        changed.signalAll();
    }

    /** A wrong password does not become right by itself; a carrier that is down comes back. */
    private Duration afterFailure(IOException failure, int failures) {
        String account = carrier.account().systemId();
        if (failure.getCause() instanceof NegativeResponseException answer
                && isWrongAccount(answer.getCommandStatus())) {
            Duration pause = Reconnection.afterRefusal(random);
            LOG.warnf(
                    "The SMS carrier does not know account %s or its password (%s): check"
                            + " throughline.channel.smpp.system-id and .password; tried again in %s",
                    account, carrier.judge(answer.getCommandStatus()).name(), pause);
            return pause;
        }
        Duration pause = Reconnection.afterFailure(failures, random);
        LOG.warnf(
                "No link to the SMS carrier, bind %d of %s (%s); tried again in %s",
                number, account, failure.getMessage(), pause);
        return pause;
    }

    private static boolean isWrongAccount(int commandStatus) {
        return commandStatus == SMPPConstant.STAT_ESME_RINVPASWD
                || commandStatus == SMPPConstant.STAT_ESME_RINVSYSID;
    }

    private void pauseFor(Duration pause) {
        try {
            lock.lockInterruptibly();
            try {
                long left = pause.toNanos();
                while (!closing && left > 0) {
                    left = changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // One submission

    private @Nullable SMPPSession enter() {
        return locked(() -> {
            if (session != null) {
                waiting.add(Thread.currentThread());
            }
            return session;
        });
    }

    /** An interruption that came for this wait is over with it. */
    private void leave() {
        locked(() -> waiting.remove(Thread.currentThread()));
        boolean ignored = Thread.interrupted();
    }

    private boolean isCurrent(SMPPSession asked) {
        return locked(() -> Objects.equals(session, asked));
    }

    private void accepted() {
        locked(() -> pace = pace.accepted());
    }

    private HandOver refused(int commandStatus, SMPPSession by) {
        CommandStatus status = carrier.judge(commandStatus);
        String said = status.code() + " " + status.name();
        return switch (status.meaning()) {
            case THROTTLED -> new HandOver.Throttled(slowDown());
            case TRANSIENT, ACCEPTED -> new HandOver.NotTaken(said);
            case NOT_BOUND -> {
                threads.execute(by::unbindAndClose);
                yield new HandOver.NotTaken(said);
            }
            case BAD_MESSAGE -> new HandOver.Refused(status.code(), status.name());
            case FORBIDDEN -> {
                warnOfForbidden(said);
                yield new HandOver.Refused(status.code(), status.name());
            }
        };
    }

    /** Once a minute: a whole campaign may be meant. */
    private void warnOfForbidden(String said) {
        Instant now = clock.instant();
        boolean due =
                locked(() -> {
                    boolean silent = now.isAfter(warned.plus(BETWEEN_WARNINGS));
                    warned = silent ? now : warned;
                    return silent;
                });
        if (due) {
            LOG.warnf("The SMS carrier forbids messages (%s): ask it why", said);
        }
    }

    private Duration slowDown() {
        return locked(() -> {
            Instant now = clock.instant();
            pace = pace.throttled(now, random);
            return pace.pause(now);
        });
    }

    private <T extends @Nullable Object> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** What jsmpp calls on its few threads: returns at once. */
    private final class Listener implements MessageReceiverListener {

        private final LaterAnswers answers;

        Listener(LaterAnswers answers) {
            this.answers = answers;
        }

        @Override
        public void onAcceptDeliverSm(DeliverSm pdu) throws ProcessRequestException {
            if (!intake.hasRoom()) {
                throw new ProcessRequestException(
                        "too much unanswered", SMPPConstant.STAT_ESME_RTHROTTLED);
            }
            answers.promise(pdu.getSequenceNumber(), intake.answer(pdu));
        }

        @Override
        public void onAcceptAlertNotification(AlertNotification alert) {
            LOG.debug("An alert_notification is of no use here");
        }

        @Override
        public DataSmResult onAcceptDataSm(DataSm pdu, Session source)
                throws ProcessRequestException {
            throw new ProcessRequestException(
                    "data_sm is not taken, only deliver_sm", SMPPConstant.STAT_ESME_RINVCMDID);
        }
    }
}
