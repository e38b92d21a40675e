package io.throughline.channel.store;

/** How queries about customers reach what was sent to them under every id they had. */
final class SamePeople {

    /**
     * Begins a query whose first parameter is the customers asked about: {@code people(customer,
     * person)} pairs each with everybody who is one with her, by both indexes of customer_aliases.
     */
    static final String OF_ASKED =
            """
            WITH asked AS (
              SELECT a AS customer, coalesce(s.survivor, a) AS survivor
                FROM unnest($1::uuid[]) AS a LEFT JOIN customer_aliases s ON s.merged = a),
            people AS (
              SELECT customer, survivor AS person FROM asked
              UNION
              SELECT customer, m.merged FROM asked JOIN customer_aliases m ON m.survivor = asked.survivor)
            """;

    /**
     * The same, whose first two parameters are pairs of a customer asked about and an id that is
     * hers; her own is among them.
     */
    static final String OF_TOLD =
            """
            WITH told AS (
              SELECT customer, person FROM unnest($1::uuid[], $2::uuid[]) AS t (customer, person)),
            asked AS (
              SELECT t.customer, coalesce(s.survivor, t.person) AS survivor
                FROM told t LEFT JOIN customer_aliases s ON s.merged = t.person),
            people AS (
              SELECT customer, person FROM told
              UNION
              SELECT customer, survivor FROM asked
              UNION
              SELECT customer, m.merged FROM asked JOIN customer_aliases m ON m.survivor = asked.survivor)
            """;

    private SamePeople() {}
}
