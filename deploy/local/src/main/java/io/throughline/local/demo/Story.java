package io.throughline.local.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What happens in the shop: who its customers are, what each does and when.
 *
 * @param run distinguishes this play from all others; it is part of every name and address
 * @param scenes in the order of their time
 */
record Story(String run, List<Customer> customers, List<Scene> scenes) {

    /** As in the brief, shortened to seconds; the SMS waits long enough to be overtaken. */
    static final int EMAIL_AFTER = 2;

    static final int SMS_AFTER = 14;

    /** When the last message that the story can cause has gone, in seconds. */
    static final int END = 52;

    private static final List<String> NAMES =
            List.of(
                    "ana", "bea", "cleo", "dan", "eve", "finn", "gita", "hugo", "ines", "jan",
                    "kira", "liam", "mona", "nils", "olga", "pia", "quin", "rosa", "sven", "tara",
                    "udo", "vera", "will", "xenia", "yara", "zoe", "abel", "bruno", "carla",
                    "dora");

    Story {
        customers = List.copyOf(customers);
        scenes = List.copyOf(scenes);
    }

    /** What a customer is like, which decides all that the customer does. */
    enum Part {
        ABANDONS("leaves the cart", true, true),
        ORDERS("orders while the SMS waits", true, true),
        STOPS("texts STOP while the SMS waits", true, true),
        MAIL_ONLY("agreed to email only", true, false),
        SILENT("agreed to nothing", false, false),
        READS("reads every newsletter", true, false);

        private final String words;
        private final boolean email;
        private final boolean sms;

        Part(String words, boolean email, boolean sms) {
            this.words = words;
            this.email = email;
            this.sms = sms;
        }

        String words() {
            return words;
        }

        List<String> consents() {
            List<String> channels = new ArrayList<>();
            if (email) {
                channels.add("email");
            }
            if (sms) {
                channels.add("sms");
            }
            return channels;
        }
    }

    record Customer(String name, Part part, String user, String email, String phone) {

        String browser() {
            return "browser-" + user;
        }

        String identifier() {
            return "user_id:" + user;
        }
    }

    /**
     * What many customers do at one time.
     *
     * @param second since the begin
     */
    record Scene(int second, String words, List<Act> acts) {
        Scene {
            acts = List.copyOf(acts);
        }
    }

    /** One thing that a customer does. */
    sealed interface Act {
        Customer customer();

        /** Arrives by a campaign's link, still nameless. */
        record Visit(Customer customer, String campaign) implements Act {}

        record Identify(Customer customer) implements Act {}

        record Consent(Customer customer, String channel) implements Act {}

        record Track(Customer customer, String event, Map<String, Object> properties)
                implements Act {
            public Track {
                properties = Map.copyOf(properties);
            }
        }

        record Text(Customer customer, String text) implements Act {}
    }

    String cart() {
        return "demo-cart-" + run;
    }

    String newsletter() {
        return "demo-news-" + run;
    }

    private static String checkout(String run) {
        return "Checkout Started " + run;
    }

    private static String due(String run) {
        return "Newsletter Due " + run;
    }

    /** Journeys by key, as a marketer writes them. */
    Map<String, String> journeys() {
        return Map.of(
                cart(),
                """
                journey: %s
                category: marketing
                priority: 50
                entry: { on: %s, when: "event.properties.value >= 20.0" }
                exit: [ { on: Order Completed } ]
                goal: { on: Order Completed, within: P3D, value: event.properties.total, silence: P2D }
                holdout: 20%%
                steps:
                  - wait: PT%dS
                  - send: { channel: email, template: demo-cart-first }
                  - wait: PT%dS
                  - send: { channel: sms, template: demo-cart-last, unless-denied: { then: [ { send: { channel: email, template: demo-cart-last } } ] } }
                """
                        .formatted(cart(), checkout(run), EMAIL_AFTER, SMS_AFTER),
                newsletter(),
                """
                journey: %s
                category: marketing
                entry: { on: %s, again-after: PT1S }
                steps:
                  - send: { channel: email, template: demo-news }
                """
                        .formatted(newsletter(), due(run)));
    }

    /**
     * The story of one play.
     *
     * @param number from 0 to 999999, another one for every play
     */
    static Story of(int number) {
        String run = String.format(Locale.ROOT, "%06d", number);
        List<Customer> customers = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            String name = NAMES.get(i);
            customers.add(
                    new Customer(
                            name,
                            part(i),
                            name + "-" + run,
                            name + "." + run + "@example.com",
                            String.format(Locale.ROOT, "+346%s%02d", run, i)));
        }
        return new Story(run, customers, scenes(run, customers));
    }

    /** Of ten customers three abandon, two order, one each of stop, mail only, silent, two read. */
    private static Part part(int index) {
        return switch (index % 10) {
            case 0, 4, 7 -> Part.ABANDONS;
            case 1, 5 -> Part.ORDERS;
            case 2 -> Part.STOPS;
            case 3 -> Part.MAIL_ONLY;
            case 6 -> Part.SILENT;
            default -> Part.READS;
        };
    }

    private static List<Scene> scenes(String run, List<Customer> all) {
        List<Customer> shoppers = all.stream().filter(c -> c.part() != Part.READS).toList();
        List<Scene> scenes = new ArrayList<>();
        scenes.add(
                new Scene(
                        0,
                        "30 visitors come, nobody knows who they are",
                        all.stream().map(c -> (Act) new Act.Visit(c, campaign(c))).toList()));
        scenes.add(
                new Scene(
                        3,
                        "they sign up",
                        all.stream().map(c -> (Act) new Act.Identify(c)).toList()));
        scenes.add(
                new Scene(
                        5,
                        "most agree to email, some to SMS, some to nothing",
                        all.stream()
                                .flatMap(c ->
                                        c.part().consents().stream()
                                                .map(channel -> (Act) new Act.Consent(c, channel)))
                                .toList()));
        scenes.add(
                new Scene(
                        9,
                        "the shoppers start a checkout and leave it",
                        shoppers.stream()
                                .map(c ->
                                        track(
                                                c,
                                                checkout(run),
                                                Map.of("value", 41.5, "currency", "EUR")))
                                .toList()));
        scenes.add(
                new Scene(
                        16,
                        "some order while the SMS waits",
                        those(all, Part.ORDERS).stream()
                                .map(c ->
                                        track(
                                                c,
                                                "Order Completed",
                                                Map.of(
                                                        "order_id",
                                                        "order-" + c.user(),
                                                        "total",
                                                        41.5,
                                                        "currency",
                                                        "EUR")))
                                .toList()));
        scenes.add(
                new Scene(
                        18,
                        "some text STOP while the SMS waits",
                        those(all, Part.STOPS).stream()
                                .map(c -> (Act) new Act.Text(c, "STOP"))
                                .toList()));
        for (int edition = 1; edition <= 4; edition++) {
            scenes.add(
                    new Scene(
                            30 + 4 * edition,
                            "newsletter " + edition + " of 4 goes to everybody",
                            all.stream()
                                    .map(c -> track(c, due(run), Map.of("edition", "spring")))
                                    .toList()));
        }
        scenes.sort(Comparator.comparingInt(Scene::second));
        return scenes;
    }

    private static String campaign(Customer customer) {
        return customer.name().charAt(0) % 2 == 0 ? "spring-search" : "spring-social";
    }

    private static Act track(Customer customer, String event, Map<String, Object> properties) {
        return new Act.Track(customer, event, properties);
    }

    private static List<Customer> those(List<Customer> all, Part part) {
        return all.stream().filter(c -> c.part() == part).toList();
    }
}
