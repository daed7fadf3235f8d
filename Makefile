# Two commands do all on a fresh Debian 12 machine with Swift 6.3: `make demo` and `make test`.
STUDIO := .build/release/studio
JOBS ?= 2

.PHONY: demo footage test build deps bench persona clean

demo: build
	$(STUDIO) render scenes/intro.scene --overwrite always
	$(STUDIO) sheet scenes/intro.scene -o renders/intro-sheet.png
	@echo "Film: renders/intro.mp4   Contact sheet: renders/intro-sheet.png"

# The footage example: with a real clip where the development data lies beside the project, else with one made on our stage.
CLIP := ../shared/data/persona/may_synctalk_512_25fps.mp4
footage: build
	$(STUDIO) render scenes/footage.scene --overwrite always $(if $(wildcard $(CLIP)),--allow-outside --set clip=$(CLIP) \
		--set words=scenes/footage/real.srt --set who=May --set "what=real footage, finished by a scene")

build: deps
	swift build -c release --product studio -j $(JOBS)

test:
	scripts/install-packages lessons test
	scripts/run-tests

deps:
	scripts/install-packages

bench: deps
	swift build -c release --product studio-bench -j $(JOBS)
	.build/release/studio-bench

# What an author waits for: lint, layout, key presses.
bench-language: deps
	swift build -c release --product language-bench -j $(JOBS)
	.build/release/language-bench

# Nova again from nothing: footage, training, check. About an hour on two cores.
persona: build
	scripts/install-packages lessons
	scripts/make-persona

clean:
	rm -rf .build
