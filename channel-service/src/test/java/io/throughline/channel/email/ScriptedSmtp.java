package io.throughline.channel.email;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A mail server that answers as it is told to, late, or not at all. */
public final class ScriptedSmtp implements AutoCloseable {

    /** What it says to the verb of a command, {@code .} for the end of a mail. */
    private final Map<String, Supplier<String>> script = new ConcurrentHashMap<>();

    private final ServerSocket server;
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** The mails it took, as they came. */
    public final List<String> taken = new CopyOnWriteArrayList<>();

    public final List<String> commands = new CopyOnWriteArrayList<>();
    public final AtomicInteger connections = new AtomicInteger();

    public ScriptedSmtp() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public ScriptedSmtp answers(String verb, String reply) {
        return answers(verb, () -> reply);
    }

    public ScriptedSmtp answersLate(String verb, Duration after, String reply) {
        return answers(
                verb,
                () -> {
                    pause(after);
                    return reply;
                });
    }

    /**
     * @param reply may take its time; an empty one is none
     */
    public ScriptedSmtp answers(String verb, Supplier<String> reply) {
        script.put(verb, reply);
        return this;
    }

    public int openConnections() {
        return (int) open.stream().filter(socket -> !socket.isClosed()).count();
    }

    void hangUp() {
        open.forEach(ScriptedSmtp::close);
    }

    @Override
    public void close() {
        hangUp();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            PrintWriter out =
                    new PrintWriter(socket.getOutputStream(), false, StandardCharsets.US_ASCII);
            say(out, "GREETING", "220 scripted");
            String line = in.readLine();
            while (line != null) {
                commands.add(line);
                String verb = line.split(" ")[0].toUpperCase(Locale.ROOT);
                switch (verb) {
                    case "DATA" -> {
                        if (say(out, verb, "354 go on").startsWith("354")) {
                            data(in, out);
                        }
                    }
                    case "QUIT" -> {
                        say(out, verb, "221 bye");
                        return;
                    }
                    default -> say(out, verb, "250 ok");
                }
                line = in.readLine();
            }
        } catch (IOException e) {
            // the other side went away
        }
    }

    private void data(BufferedReader in, PrintWriter out) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = in.readLine();
        while (line != null && !line.equals(".")) {
            lines.add(line);
            line = in.readLine();
        }
        if (line != null) {
            taken.add(String.join("\n", lines));
            say(out, ".", "250 taken");
        }
    }

    private String say(PrintWriter out, String verb, String usual) {
        String reply = script.getOrDefault(verb, () -> usual).get();
        if (!reply.isEmpty()) {
            out.print(reply + "\r\n");
            out.flush();
        }
        return reply;
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
