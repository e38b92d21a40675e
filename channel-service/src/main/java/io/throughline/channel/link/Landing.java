package io.throughline.channel.link;

import java.util.Optional;

/**
 * Where a link of a message leads, with the link's token as a parameter where the site wants it: by
 * that its page can tell the identity service whose message was followed.
 */
public final class Landing {

    private final Optional<String> parameter;

    /**
     * @param parameter name of the parameter; empty for addresses that are left as they are
     */
    public Landing(Optional<String> parameter) {
        parameter.ifPresent(Landing::check);
        this.parameter = parameter;
    }

    public String of(String url, String token) {
        return parameter.map(name -> with(url, name + "=" + token)).orElse(url);
    }

    /** Before the fragment, which a server would not see. */
    private static String with(String url, String pair) {
        int hash = url.indexOf('#');
        String address = hash < 0 ? url : url.substring(0, hash);
        String fragment = hash < 0 ? "" : url.substring(hash);
        int query = address.indexOf('?');
        boolean isLast = query < 0 || address.endsWith("?") || address.endsWith("&");
        String separator = query < 0 ? "?" : isLast ? "" : "&";
        return address + separator + pair + fragment;
    }

    private static void check(String name) {
        if (!name.matches("[A-Za-z0-9_.~-]{1,50}")) {
            throw new IllegalArgumentException(
                    "throughline.channel.link-parameter: expected up to 50 letters, digits and _.~-, as in tl_link");
        }
    }
}
