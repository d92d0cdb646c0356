"""What is written is read back; what is read is written back, changed only where it was edited."""

from ipaddress import ip_address

from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.values import Floating
from tests.lvs.messy import edited, messy_files
from tests.lvs.strategies import configs

VIP = ip_address("192.0.2.10")


def read(data: bytes) -> Config:
    reading = parse(data)
    assert reading.config is not None, reading.problems
    return reading.config


@given(configs())
@example(
    Config(virtual=(VirtualServer(name="WEB", send='a "', start_cmd="a '\"", address=Floating(VIP, "a '\"")),))
)
def test_it_reads_back_every_configuration_it_writes(config: Config) -> None:
    assert read(render(config)) == config


@given(configs())
def test_it_writes_back_what_it_wrote_byte_for_byte(config: Config) -> None:
    data = render(config)
    assert render(read(data)) == data


@given(messy_files())
def test_it_writes_an_unedited_file_back_byte_for_byte(data: bytes) -> None:
    reading = parse(data)
    assume(reading.config is not None)
    assert reading.config is not None
    assert render(reading.config) == data


@given(st.data())
def test_it_reads_back_what_was_edited_in_a_file(data: st.DataObject) -> None:
    reading = parse(data.draw(messy_files()))
    assume(reading.config is not None)
    assert reading.config is not None
    config = data.draw(edited(reading.config))
    assert read(render(config)) == config
