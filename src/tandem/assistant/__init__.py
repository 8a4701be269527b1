"""From a reading to finished acts: plans, cards, answers. The user's yes stands outside."""
