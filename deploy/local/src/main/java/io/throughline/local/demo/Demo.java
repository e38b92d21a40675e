package io.throughline.local.demo;

import io.throughline.local.LocalSettings;
import io.throughline.local.simulators.Mail;
import io.throughline.local.simulators.Simulators;
import io.throughline.local.simulators.Sms;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Plays the story against the running stack and shows what each channel delivers. */
public final class Demo {

    private static final long LOOK_EVERY = TimeUnit.MILLISECONDS.toNanos(300);

    private final ShopApi shop;
    private final Simulators outside;
    private final PrintStream out;
    private final Story story;
    private final Map<String, Story.Customer> byEmail;
    private final Map<String, Story.Customer> byPhone;
    private final Set<Object> seen = new HashSet<>();
    private final Map<Story.Customer, Integer> mails = new HashMap<>();
    private final Map<Story.Customer, Integer> texts = new HashMap<>();
    private long begin;

    private Demo(ShopApi shop, Simulators outside, PrintStream out, Story story) {
        this.shop = shop;
        this.outside = outside;
        this.out = out;
        this.story = story;
        this.byEmail =
                story.customers().stream()
                        .collect(Collectors.toMap(Story.Customer::email, Function.identity()));
        this.byPhone =
                story.customers().stream()
                        .collect(
                                Collectors.toMap(c -> c.phone().substring(1), Function.identity()));
    }

    /**
     * @param number another one for every play
     * @throws io.throughline.local.infrastructure.StartFailure when the stack is not up or refuses
     */
    public static void play(URI gateway, URI simulators, int number, PrintStream out) {
        ShopApi shop = new ShopApi(gateway);
        shop.requireUp();
        new Demo(shop, new Simulators(simulators), out, Story.of(number)).play();
    }

    private void play() {
        out.println("A small shop's minute with 30 customers (run " + story.run() + ")");
        prepare();
        begin = System.nanoTime();
        for (Story.Scene scene : story.scenes()) {
            watchUntil(scene.second());
            say("* " + scene.words());
            scene.acts().forEach(this::act);
        }
        watchUntil(Story.END);
        tell();
    }

    private void prepare() {
        shop.template(
                "demo-cart-first",
                List.of(mail("Your cart is waiting, {{ customer.first_name }}")));
        shop.template(
                "demo-cart-last",
                List.of(
                        Map.of("channel", "sms", "text", "Last call for your cart"),
                        mail("Last call for your cart")));
        shop.template("demo-news", List.of(mail("News from the shop")));
        story.journeys().forEach(shop::journey);
    }

    private static Map<String, String> mail(String subject) {
        return Map.of("channel", "email", "subject", subject, "html", "<p>" + subject + "</p>");
    }

    private void act(Story.Act act) {
        Story.Customer who = act.customer();
        switch (act) {
            case Story.Act.Visit visit ->
                    shop.site(
                            "page",
                            Map.of(
                                    "anonymousId",
                                    who.browser(),
                                    "name",
                                    "Home",
                                    "context",
                                    Map.of(
                                            "campaign",
                                            Map.of(
                                                    "name",
                                                    visit.campaign(),
                                                    "source",
                                                    "search",
                                                    "medium",
                                                    "cpc"))));
            case Story.Act.Identify _ ->
                    shop.site(
                            "identify",
                            Map.of(
                                    "anonymousId",
                                    who.browser(),
                                    "userId",
                                    who.user(),
                                    "traits",
                                    Map.of(
                                            "email",
                                            who.email(),
                                            "phone",
                                            who.phone(),
                                            "first_name",
                                            who.name())));
            case Story.Act.Consent consent -> shop.consent(who.identifier(), consent.channel());
            case Story.Act.Track track ->
                    shop.site(
                            "track",
                            Map.of(
                                    "userId",
                                    who.user(),
                                    "event",
                                    track.event(),
                                    "properties",
                                    track.properties()));
            case Story.Act.Text text -> {
                outside.textFromSubscriber(
                        who.phone(), LocalSettings.SMS_SOURCE_ADDRESS, text.text());
                say("  SMS   from " + who.name() + ": " + text.text());
            }
        }
    }

    private void watchUntil(int second) {
        long until = begin + TimeUnit.SECONDS.toNanos(second);
        look();
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(Math.min(LOOK_EVERY, until - System.nanoTime()));
            look();
        }
    }

    private void look() {
        for (Mail mail : outside.mails()) {
            Story.Customer who = byEmail.get(mail.to());
            if (who != null && seen.add(mail)) {
                mails.merge(who, 1, Integer::sum);
                say("  email to %s: %s".formatted(who.name(), mail.subject()));
            }
        }
        for (Sms sms : outside.sms()) {
            Story.Customer who = byPhone.get(sms.to().replace("+", ""));
            if (who != null && seen.add(sms)) {
                texts.merge(who, 1, Integer::sum);
                say("  SMS   to %s: %s".formatted(who.name(), sms.text()));
            }
        }
    }

    private void tell() {
        List<Ending.Fate> fates = new ArrayList<>();
        for (Story.Customer customer : story.customers()) {
            String id = shop.customer(customer.identifier());
            fates.add(
                    new Ending.Fate(
                            customer,
                            mails.getOrDefault(customer, 0),
                            texts.getOrDefault(customer, 0),
                            id == null ? List.of() : shop.decisions(id)));
        }
        fates.sort(Comparator.comparing((Ending.Fate fate) -> fate.customer().part()));
        show(Ending.table(fates));
        show(Ending.summary(fates));
        show(Ending.attribution(shop.get("/api/reports/attribution?journey=" + story.cart())));
        show(Ending.lift(shop.get("/api/reports/lift?journey=" + story.cart())));
    }

    private void show(List<String> lines) {
        out.println();
        lines.forEach(out::println);
    }

    private void say(String line) {
        out.printf("%5.1f s  %s%n", (System.nanoTime() - begin) / 1e9, line);
        out.flush();
    }
}
