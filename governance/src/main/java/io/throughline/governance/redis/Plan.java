package io.throughline.governance.redis;

import io.throughline.governance.rules.Rules;

/** What is sent along with every message of one kind. */
record Plan(Rules rules, Terms terms) {}
