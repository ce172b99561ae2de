"""A real browser without a screen, and what one asks it about a page."""

import base64
import json
import re
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from harness.process import BUILD
from harness.waiting import wait_until

SCREENS = BUILD / "screens"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--disable-background-networking")

# Of every text that is seen: the least contrast with what is behind it, with the text. Of stripes the worst counts.
CONTRAST = r"""
const numbers = (text) => (text.match(/[\d.]+/g) || []).map(Number);
const over = (top, under) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)); };
const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
function behind(node) {
  const layers = [];
  for (; node; node = node.parentElement) {
    const style = getComputedStyle(node);
    const stripes = style.backgroundImage.match(/rgba?\([^)]*\)/g);
    const flat = numbers(style.backgroundColor);
    if (stripes) layers.push(stripes.map(numbers));
    if (flat.length && !(flat.length > 3 && flat[3] === 0)) { layers.push([flat]); if (!(flat.length > 3 && flat[3] < 1)) break; }
  }
  let seen = [[255, 255, 255]];
  for (const layer of layers.reverse()) seen = layer.flatMap((top) => seen.map((under) => over(top, under)));
  return seen;
}
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let text = walk.nextNode(); text; text = walk.nextNode()) {
  const node = text.parentElement, box = node.getBoundingClientRect();
  if (!text.data.trim() || !node.checkVisibility() || box.width <= 1) continue;
  const color = numbers(getComputedStyle(node).color);
  for (const back of behind(node)) found.push([ratio(over(color, back), back), text.data.trim().slice(0, 40)]);
}
return found.sort((a, b) => a[0] - b[0])[0];
"""


# What is drawn stays in its picture.
OUTSIDE = """
return [...document.querySelectorAll("svg")].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
  }).map((text) => text.textContent);
});
"""


class Browser:
    def __init__(self):
        options = Options()
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

    def close(self):
        self.driver.quit()

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def look(self, width=1440, height=900, theme="light", motion="no-preference"):
        """From now on it is so large, and the system's wishes are these."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        wishes = [{"name": "prefers-color-scheme", "value": theme}, {"name": "prefers-reduced-motion", "value": motion}]
        self.cdp("Emulation.setEmulatedMedia", features=wishes)

    def open(self, url):
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(url)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0]).innerText", selector)

    def expect(self, what, script, *arguments, seconds=None):
        """The first value of it that holds."""
        return wait_until(what, lambda: self.js(f"return {script}", *arguments), seconds, lambda: f"; {self.text('body')[:2000]}")

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, selector, most=200):
        """By keyboard alone."""
        for _ in range(most):
            self.press(Keys.TAB)
            if self.js("return document.activeElement.matches(arguments[0])", selector):
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    def scrolls_sideways(self):
        return self.js("return document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def least_contrast(self):
        return self.js(CONTRAST)

    def words_outside(self):
        """Those of pictures that do not stay in them."""
        return self.js(OUTSIDE)

    def expect_black_on_white(self, url):
        """On paper, whatever the screen is."""
        self.look(theme="dark")
        self.cdp("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        self.open(url)
        assert self.js("return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        printed = base64.b64decode(self.cdp("Page.printToPDF", printBackground=False)["data"])
        assert printed.startswith(b"%PDF") and re.search(rb"/Type /Page[\s/]", printed)
        self.cdp("Emulation.setEmulatedMedia", media="", features=[])

    def keep_picture(self, name, width, theme):
        """All of the page, in the build's folder."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        height = self.js("return document.documentElement.scrollHeight")
        self.look(width, height, theme)
        Path(SCREENS / f"{name}-{width}-{theme}.png").write_bytes(self.driver.get_screenshot_as_png())
        self.look(width, 900, theme)

    def console(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked_for(self):
        """Every address that a request went to since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}

    def unnamed(self, least=10):
        """What the accessibility tree has no name for, of what needs one."""
        need = {"button", "link", "image", "dialog", "table", "region", "heading", "alert", "progressbar", "textbox"}
        nodes = self.cdp("Accessibility.getFullAXTree")["nodes"]
        seen = [node for node in nodes if not node.get("ignored") and node["role"]["value"] in need]
        assert len(seen) >= least
        return [node["role"]["value"] for node in seen if not node.get("name", {}).get("value", "").strip()]

    def heap(self):
        """Bytes of the script's heap, and nodes of documents, once the garbage is gone."""
        for _ in range(3):
            self.cdp("HeapProfiler.collectGarbage")
        return self.cdp("Runtime.getHeapUsage")["usedSize"], self.cdp("Memory.getDOMCounters")["nodes"]
