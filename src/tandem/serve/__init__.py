"""The local server: OpenAI's API over any Engine. The only room that knows HTTP from the inside."""
