"""Which offers enter the counts: two lists are never summed."""

from pathlib import Path

from diagpacte.offers.counting import mark_counted
from diagpacte.tables import RawOffers
from offer_builders import bare, offer, offers, read, service, structure, write


def counted(raw: RawOffers) -> dict[str, bool]:
    return raw.set_index("offer_id")["counted"].to_dict()


def test_a_list_already_in_an_export_stays_but_is_not_counted() -> None:
    raw = offers(
        offer(offer_source="france-services", networks=["france-service", "mjc"], structure_id="france-services--1"),
        bare("france-services--9", source_id="fs.csv", offer_source="france-services", networks=["france-service"]),
    )
    marked = mark_counted(raw, [("s.json", "t.json"), ("fs.csv",)])
    assert counted(marked) == {"s.json/dora--a-1": True, "fs.csv/france-services--9": False}
    assert marked["excluded_because"].tolist()[1].replace("\u00a0", " ") == (
        "source « france-services », réseau « france-service », déjà lue dans « s.json » : "
        "sans dédoublonnage, deux listes d’une même source ne s’additionnent pas"
    )


def test_the_first_file_of_the_manifest_is_the_one_counted() -> None:
    raw = offers(offer(), offer(source_id="other.json"))
    assert counted(mark_counted(raw, [("other.json",), ("s.json",)])) == {
        "s.json/dora--a-1": False,
        "other.json/dora--a-1": True,
    }


def test_services_and_their_own_structures_count_together() -> None:
    raw = offers(offer(), bare("dora--z", source_id="t.json"))
    assert mark_counted(raw, [("s.json", "t.json")])["counted"].all()


def test_another_source_or_another_network_is_another_list() -> None:
    raw = offers(
        offer(),
        offer(source_id="b.json", offer_source="soliguide", structure_id="soliguide--1", service_id="soliguide--1"),
        offer(source_id="b.json", networks=["mjc"], structure_id="dora--m", service_id="dora--m"),
        offer(source_id="b.json", networks=[], structure_id="dora--n", service_id="dora--n"),
        offer(source_id="b.json", networks=["ccas-cias", "mjc"], structure_id="dora--o", service_id="dora--o"),
    )
    marked = mark_counted(raw, [("s.json",), ("b.json",)])
    assert marked["counted"].tolist() == [True, True, True, True, False]


def test_a_structure_read_before_is_named_so() -> None:
    raw = offers(offer(), offer(source_id="s.csv", networks=[]))
    because = mark_counted(raw, [("s.json",), ("s.csv",)])["excluded_because"].tolist()
    assert [text.replace("\u00a0", " ") for text in because] == ["", "structure déjà lue dans « s.json »"]


def test_a_row_left_out_leaves_no_list_behind_it() -> None:
    raw = offers(
        offer(),
        offer(source_id="b.json", networks=["ccas-cias", "mjc"], structure_id="dora--m", service_id="dora--m"),
        offer(source_id="c.json", networks=["mjc"], structure_id="dora--n", service_id="dora--n"),
    )
    assert mark_counted(raw, [("s.json",), ("b.json",), ("c.json",)])["counted"].tolist() == [True, False, True]


def test_the_same_export_in_two_formats_counts_once(tmp_path: Path) -> None:
    services, structures = [service(), service(id="dora--a-2")], [structure(), structure(id="dora--z")]
    files = [write(tmp_path / f"{n}.{s}", r) for s in ("json", "csv") for n, r in (("s", services), ("t", structures))]
    reading = read(*files)
    marked = mark_counted(reading.raw, reading.datasets)
    assert len(marked) == 6
    assert marked.groupby("source_id")["counted"].sum().to_dict() == {"s.csv": 0, "s.json": 2, "t.csv": 0, "t.json": 1}


def test_no_offer_at_all_counts_nothing() -> None:
    assert mark_counted(offers(), []).empty
