package io.throughline.channel.service;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.HandedOver;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Route;
import io.throughline.contracts.Channel;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A carrier that keeps what it takes, one part a message unless the text has {@code ||}. */
@Singleton
public class FakeSmsRoute implements Route {

    static final List<Outbound> TAKEN = new CopyOnWriteArrayList<>();

    /** What it took that answers a keyword. */
    static final List<Outbound> ANSWERED = new CopyOnWriteArrayList<>();

    /** Numbers for which it takes its time: until the gates are open. */
    static final Map<String, CompletableFuture<Void>> SLOW = new ConcurrentHashMap<>();

    /** What it answers for a number, once each. */
    static final Map<String, List<HandOver>> ANSWERS = new ConcurrentHashMap<>();

    @Override
    public String name() {
        return "fake-sms";
    }

    @Override
    public Channel channel() {
        return Channel.SMS;
    }

    @Override
    public boolean up() {
        return true;
    }

    @Override
    public int room() {
        return 50;
    }

    @Override
    public Uni<HandOver> handOver(Outbound message) {
        List<HandOver> answers = ANSWERS.getOrDefault(message.to(), List.of());
        if (!answers.isEmpty()) {
            return Uni.createFrom().item(answers.removeFirst());
        }
        CompletableFuture<Void> open = SLOW.get(message.to());
        return open == null
                ? Uni.createFrom().item(() -> take(message))
                : Uni.createFrom()
                        .completionStage(open::copy)
                        .chain(() -> message.lease().holds())
                        .map(holds ->
                                holds ? take(message) : new HandOver.NotTaken("its lease is over"));
    }

    /** What it was asked to give back. */
    static final List<HandedOver> ASKED_BACK = new CopyOnWriteArrayList<>();

    /** What it answers to that for a number, once each; else it has delivered everything. */
    static final Map<String, List<RecallAnswer>> RECALLS = new ConcurrentHashMap<>();

    @Override
    public Recallability recallability() {
        return new Recallability.OnRequest(
                "cancel",
                message -> {
                    ASKED_BACK.add(message);
                    List<RecallAnswer> answers = RECALLS.getOrDefault(message.to(), List.of());
                    return Uni.createFrom()
                            .item(
                                    answers.isEmpty()
                                            ? new RecallAnswer.TooLate("delivered")
                                            : answers.removeFirst());
                });
    }

    private static HandOver take(Outbound message) {
        if (message.content() instanceof Content.SmsAnswer) {
            ANSWERED.add(message);
            return new HandOver.Accepted(List.of("answer-" + message.message()));
        }
        TAKEN.add(message);
        List<String> ids = new ArrayList<>();
        int parts = ((Content.Sms) message.content()).text().split("\\|\\|").length;
        for (int part = 1; part <= parts; part++) {
            ids.add(message.message() + "-" + part);
        }
        return new HandOver.Accepted(ids);
    }

    static List<String> answersTo(String number) {
        return ANSWERED.stream()
                .filter(message -> message.to().equals(number))
                .map(message -> ((Content.SmsAnswer) message.content()).text())
                .toList();
    }

    static List<String> textsTo(String number) {
        return TAKEN.stream()
                .filter(message -> message.to().equals(number))
                .map(message -> ((Content.Sms) message.content()).text())
                .toList();
    }
}
