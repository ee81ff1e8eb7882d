# make demo   a shot from scene to sequencer, into out/demo/
# make test   lint and every test
# make bench  the table of bounds, measured
# make eval-model  the bounds of the built-in model, on clips that it never saw (an hour and more; MOST=2 for a few)
# make docs   the pictures that README and docs show
# make zip    the extension, into out/
# (make.bat does the same on Windows)
PYTHON ?= python3
ADDON  := .venv/bin/python
ENGINE := .venv-engine/bin/python
DEMO   := out/demo
DATA   ?= out/data
MOST   ?= 40
HEADLESS := $(addprefix tests/blender/test_,client_desk.py client_engine.py compat.py exporter.py panel_drawing.py panel_operators.py sequencer.py)
export PYTHONPATH := $(CURDIR)
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help environments demo test lint bench eval-model zip docs clean

help:
	@sed -n 's/^# \(make.*\)/\1/p' Makefile

environments:
	@$(PYTHON) environments.py

demo: environments
	rm -rf $(DEMO)
	$(ADDON) -m sora_addon.scenes demo --out $(DEMO)/scene.blend
	$(ADDON) -m sora_addon generate $(DEMO)/scene.blend --prompt "steel, wood and glass on a stone floor, late sun, room tone" --out $(DEMO)
	$(ENGINE) -m engine sheet $(DEMO)/take --shot $(DEMO)/shot --out $(DEMO)/sheets
	$(ADDON) -m sora_addon lay $(DEMO)/scene.blend $(DEMO)/take --out $(DEMO)/edit.blend --render $(DEMO)/sequence.mp4
	@$(ENGINE) -m engine measure $(DEMO)/take --shot $(DEMO)/shot
	@echo "open $(DEMO)/edit.blend in Blender; the take is in $(DEMO)/take, its pictures in $(DEMO)/sheets"

test: lint
	$(ENGINE) -m pytest tests --ignore tests/blender
	BLENDER=$$(tests/blender/find-blender) BLENDER_OLD=$$(tests/blender/find-blender old) $(ADDON) -m pytest tests/blender
	@$(PYTHON) environments.py --wheels
	for wheel in .venv-bpy-*; do test ! -d $$wheel || $$wheel/bin/python -m pytest $(HEADLESS) || exit 1; done

lint:
	@$(PYTHON) environments.py --dev
	$(ENGINE) -m ruff check .
	$(ENGINE) -m ruff format --check .
	$(ENGINE) -m pyright --pythonpath $(ENGINE)

bench: environments
	$(ENGINE) -m tests.bench

eval-model:
	@$(PYTHON) environments.py --dev
	$(ENGINE) -m engine data make --set held --seeds 100000-$$((100000 + $(MOST) - 1)) --out $(DATA)/held
	$(ENGINE) -m engine data make --set heard --seeds 200000-$$((200000 + $(MOST) - 1)) --out $(DATA)/heard
	$(ENGINE) -m engine data make --set varied --seeds 300000-$$((300000 + 12 * (($(MOST) + 3) / 4) - 1)) --out $(DATA)/varied
	$(ENGINE) -m engine judge $(DATA) --sheet $(DATA)/sheet.png

docs: environments
	@test -f $(DEMO)/sheets/frames.png || $(MAKE) demo
	$(ENGINE) -m tests.pictures $(DEMO)

zip: environments
	$(ADDON) -m tests.build_zip out

clean:
	rm -rf out .venv .venv-engine .pytest_cache .ruff_cache
