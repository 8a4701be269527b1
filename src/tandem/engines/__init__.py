"""One file per way to answer. The registry of kinds is in `bootstrap`: only it joins parts."""
