package io.throughline.chassis.security;

import java.util.Set;

/** The roles of callers. Admin may do all that a marketer may, a marketer all that a viewer may. */
public final class Roles {

    public static final String VIEWER = "viewer";
    public static final String MARKETER = "marketer";
    public static final String ADMIN = "admin";

    /** The other services; for {@code /internal} routes only. */
    public static final String SERVICE = "service";

    private Roles() {}

    /**
     * @throws IllegalArgumentException naming the known roles
     */
    static Set<String> impliedBy(String role) {
        return switch (role) {
            case VIEWER -> Set.of(VIEWER);
            case MARKETER -> Set.of(VIEWER, MARKETER);
            case ADMIN -> Set.of(VIEWER, MARKETER, ADMIN);
            case SERVICE -> Set.of(SERVICE);
            default ->
                    throw new IllegalArgumentException(
                            "unknown role '" + role + "', expected viewer, marketer or admin");
        };
    }
}
