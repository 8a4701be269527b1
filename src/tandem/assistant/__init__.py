"""From a reading to finished acts: plans, cards, answers; the user's yes stands outside the model."""
