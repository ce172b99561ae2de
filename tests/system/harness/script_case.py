"""What each script says to each of its keys that is not as it should be. A case is a script in a sound world, and of each
key a word for each fault (script_faults.py):

  refused   an error, or "blocked", that names the key; nothing was written
  halted    an answer that is not the sound one (after a colon: exactly this one); nothing was written but notes
  unknown   it says in its answer that it does not know (after a colon: a pattern of the answer); the same
  done      it does what it does in a sound world: that value says nothing else, or the key is not asked
  skipped   the same, and the key is left as it is
  repaired    the same, and the key is of its own type afterwards

A fault's word is its own, else that of its field ("seq=": whatever is wrong with the field's value), else that of "types"
(all wrong types) or "values" (what is special to the key), else that of "rest".
"""

from dataclasses import dataclass, field

from harness.script_faults import ALL_TYPES, text, texts

GROUPS = ("types", "values", "rest")


@dataclass
class Key:
    key: str
    kind: str
    words: dict
    special: dict = field(default_factory=dict)

    def word_for(self, fault):
        group = "types" if fault in ALL_TYPES else "values" if fault in self.special else "rest"
        for name in (fault, fault.partition("=")[0] + "=", group, "rest"):
            if name in self.words:
                return self.words[name]

    def unknown(self, faults):
        """What has a word and is no fault."""
        starts = {fault.partition("=")[0] + "=" for fault in faults}
        return set(self.words) - {*faults, *starts, *GROUPS}


@dataclass
class Case:
    name: str
    script: str
    world: list  # the commands that make it
    keys: dict
    arguments: list
    sound: str  # a pattern of the answer in that world
    notes: tuple = ()  # keys that may be written whatever it says


ALSO = "stop,mode=DOWN"


def also(halted):
    """The keys that ALSO names: one halts while it exists, one while it has that value."""
    return {
        "what halts": Key("stop", "string", {"gone": "done", "rest": halted}, text()),
        "what halts by its value": Key("mode", "string", {"DOWN": halted, "rest": "done"}, {**text(), **texts(["DOWN"])}),
    }
