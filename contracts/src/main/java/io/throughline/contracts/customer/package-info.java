/** What is said of a customer: one ordered stream each, from identity to all. */
@NullMarked
package io.throughline.contracts.customer;

import org.jspecify.annotations.NullMarked;
