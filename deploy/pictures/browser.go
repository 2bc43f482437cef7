package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// open shows the page in a browser that reaches nothing else.
func open(ctx context.Context, page string, environment ...string) (tab context.Context, closeAll func(), err error) {
	address, err := filepath.Abs(page)
	if err != nil {
		return nil, nil, err
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, errors.New("this needs Chromium: apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1600, 1000), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Env(append(environment, "TZ=Asia/Shanghai")...))
	browser, closeBrowser := chromedp.NewExecAllocator(ctx, flags...)
	tab, closeTab := chromedp.NewContext(browser)
	closeAll = func() { _ = chromedp.Cancel(tab); closeTab(); closeBrowser() }
	err = chromedp.Do(tab, chromedp.Navigate("file://"+address))
	if err == nil {
		err = ready(tab)
	}
	if err != nil {
		closeAll()
		return nil, nil, fmt.Errorf("opening %s: %w", page, err)
	}
	return tab, closeAll, nil
}

// ready says what the page lacks.
func ready(tab context.Context) error {
	lacks, err := chromedp.Run(tab, chromedp.Evaluate[string](`typeof lacks === "function" ? lacks() : "it is not built: make pictures"`))
	if err == nil && lacks != "" {
		err = errors.New(lacks)
	}
	return err
}

// drawn is what the page says of a set.
type drawn struct {
	Faults []string `json:"faults"`
	Notes  []string `json:"notes"`
	Sheets int      `json:"sheets"`
}

// setWithin is how long the sheets of one set may take: seconds, where nothing else runs.
const setWithin = 5 * time.Minute

// draw writes the sheets of a set.
func draw(tab context.Context, s set, to string) (drawn, error) {
	tab, cancel := context.WithTimeout(tab, setWithin)
	defer cancel()
	argument, err := json.Marshal(s)
	if err != nil {
		return drawn{}, err
	}
	result, err := chromedp.Run(tab, chromedp.Evaluate[drawn]("draw("+string(argument)+")"))
	if err != nil {
		return drawn{}, err
	}
	for n := range result.Sheets {
		picture, err := chromedp.Run(tab, chromedp.Screenshot(chromedp.CSS(fmt.Sprintf("#sheet-%d", n+1))))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, sheet{s, n + 1}.File()), picture, 0o644)
		}
		if err != nil {
			return drawn{}, err
		}
	}
	return result, nil
}
