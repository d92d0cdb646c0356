"""How a Chromium runs in the embedded kernel, where the pages are painted for the benchmark."""

from tests.web.browsing import CHROMIUM_ARGUMENTS

ARGUMENTS = (
    *CHROMIUM_ARGUMENTS,
    # As few processes as will work: the embedded kernel has one slow processor, and these make a page take a
    # third of the time there.
    "--no-zygote",
    "--in-process-gpu",
    "--disable-software-rasterizer",
    "--disable-extensions",
    "--disable-site-isolation-trials",
    "--enable-features=NetworkServiceInProcess2",
    "--disable-features=NetworkServiceSandbox,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,"
    "AudioServiceOutOfProcess,SpareRendererForSitePerProcess",
)
LAUNCH_TIMEOUT_MS = 180_000
