"""`scenario-doc` and docs/reference: made from the models, complete."""

from __future__ import annotations

import pytest
import yaml

from runner import doc
from runner.kernel.signals import ALL_SIGNALS
from runner.reference import pages, signal_words
from runner.spec.conditions import Condition
from runner.spec.steps import StepModel


def test_every_word_has_a_page_and_every_key_a_sentence_and_an_example() -> None:
    """No key of the language is left out."""
    words = {page.name for page in pages()}

    for model in (StepModel, Condition):
        names = {field.alias or name for name, field in model.model_fields.items()}
        known = words | {key.name for page in pages() for key in page.keys}
        assert names <= known | {"expect"}
    for page in pages():
        assert page.summary
        for key in page.keys:
            assert key.description.endswith("."), f"{page.name}.{key.name}"
            assert key.examples, f"{page.name}.{key.name}"


def test_examples_are_yaml() -> None:
    """As they stand, on one line."""
    for page in pages():
        for name, examples in (
            (page.name, page.examples),
            *((k.name, k.examples) for k in page.keys),
        ):
            for one in examples:
                assert set(yaml.safe_load(f'"{name}": {one}')) == {name}


def test_the_list_and_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """All words, then one, with both its meanings."""
    assert doc.main([]) == 0
    assert doc.main(["exec"]) == 0

    out = capsys.readouterr().out
    assert "  signal       Send signals" in out
    assert "EXEC (steps)" in out
    assert "EXEC (conditions)" in out


def test_a_signal_says_what_it_does_to_init(capsys: pytest.CaptureFixture[str]) -> None:
    """The two privileged ones get through from the host."""
    assert doc.main(["SIGKILL", "15", "RTMIN+3"]) == 0

    out = capsys.readouterr().out
    assert "SIGKILL is number 9. Default action Term" in out
    assert "from an ancestor namespace (the host): kills it" in out
    assert "SIGTERM is number 15" in out
    assert "SIGRTMIN+3 is number 37" in out
    assert all(signal_words(one) for one in ALL_SIGNALS)


def test_an_unknown_word_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """With the nearest one."""
    assert doc.main(["singal"]) == 5

    assert "did you mean 'signal'?" in capsys.readouterr().err


def test_the_reference_has_not_drifted() -> None:
    """`make reference` writes it anew."""
    assert doc.main(["--check"]) == 0
