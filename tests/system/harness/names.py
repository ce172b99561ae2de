"""The keys, streams and groups, by their default names, and with another prefix."""

GROUP = "router"
CONSUMER = "ai_strategy_router"


class Names:
    def __init__(self, prefix):
        self.prefix = prefix
        self.signals = prefix + "stream:ai.decision.made"
        self.intents = prefix + "stream:trade.intent"
        self.open_orders = prefix + "state:open_orders"
        self.held = prefix + "state:positions"
        self.safe_mode = prefix + "safety:safe_mode"
        self.commit = prefix + "router:commit"
        self.leader = prefix + "router:leader"
        self.decisions = prefix + "stream:router.decision"
        self.settings = prefix + "router:settings"
        self.dedup = prefix + "dedup:trade_intent:"
        self.daily = prefix + "governor:daily_trades:"
        self.results = prefix + "stream:execution.result"
        self.dead_letters = prefix + "stream:trade.intent.dlq"
        self.positions = prefix + "paper:positions"
        self.processed = prefix + "exec:processed:"
        self.begun = prefix + "exec:begun:"
        self.executors = prefix + "group:execution:trade.intent"


USUAL = Names("quantum:")
SIGNALS = USUAL.signals
INTENTS = USUAL.intents
OPEN_ORDERS = USUAL.open_orders
HELD = USUAL.held
SAFE_MODE = USUAL.safe_mode
SAFE_REASON = SAFE_MODE + ":reason"
COMMIT = USUAL.commit
LEADER = USUAL.leader
DECISIONS = USUAL.decisions
SETTINGS = USUAL.settings
DEDUP = USUAL.dedup
DAILY = USUAL.daily
EXECUTORS = USUAL.executors
RESULTS = USUAL.results
DEAD_LETTERS = USUAL.dead_letters
POSITIONS = USUAL.positions
PROCESSED = USUAL.processed
BEGUN = USUAL.begun
PRICE = "quantum:price:"
RATE_GLOBAL = "quantum:rate:execution:global"
RATE_SYMBOL = "quantum:rate:execution:symbol:"
EXECUTOR = "quantum_executor"
